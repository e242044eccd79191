//! No function of the block is a receiver.

use signals::receiver;

struct Audit;

#[receiver]
impl Audit {
    fn audit(_: &str, _: &u32) {}
}

fn main() {}
