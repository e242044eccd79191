//! What a page view costs, counted: nothing grows with the number of dances.

mod support;

use allocation_counter::measure;
use http::Request;
use oauth_dance::{Credentials, Dance, Dances, Key, leaf};

use self::support::{ORIGIN, Op, provider};

fn dances(count: usize) -> Dances {
    let mut dances = Dances::builder(ORIGIN, Key::generate().unwrap()).client(Op::default());
    for number in 0..count {
        let credentials = Credentials::new("id", "secret");
        let dance = Dance::builder(provider()).name(format!("op-{number}"));
        dances = dances.with(dance.credentials(credentials));
    }
    dances.build().unwrap()
}

/// The allocations of a page that asks for nothing.
fn allocations(dances: &Dances) -> u64 {
    let request = Request::get("/").header("cookie", "theme=dark; other=1");
    let (request, ()) = request.body(()).unwrap().into_parts();
    let mut headers = http::HeaderMap::new();
    let counted = measure(|| {
        let visit = dances.visit(&request);
        leaf::finish(&visit, &mut headers);
    });
    assert!(headers.is_empty());
    counted.count_total
}

#[test]
fn a_page_that_asks_for_nothing_allocates_nothing_for_a_dance() {
    let (one, many) = (dances(1), dances(40));
    let first = allocations(&one);
    assert_eq!(allocations(&many), first);
    // The visit itself, which is shared with the API clients that it hands out.
    assert_eq!(first, 1);
}
