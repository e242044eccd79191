//! How the room that servers have for cookies is shared out among ours.
//!
//! Common servers refuse a request whose `Cookie` header is longer than 8 KiB, on every page. A browser could
//! not even sign out then. Each kind of cookie therefore has a share of its own, which no other kind takes.
//!
//! A cookie counts as the browser sends it: `name=value; `.

/// All our cookies together.
pub(crate) const ALL: usize = 7680;

/// One slot for tokens in cookies.
pub(crate) const TOKEN_SLOT: usize = 512;

/// How many slots the tokens of all dances have together.
pub(crate) const TOKEN_SLOTS: usize = 8;

/// Sessions, flash messages and the mark of a login that came to nothing together.
pub(crate) const STANDING: usize = 768;

/// The mark of a login that came to nothing.
pub(crate) const MARK: usize = 114;

/// One slot for a pending login.
pub(crate) const SLOT: usize = 704;

/// How many slots there are if no token is kept in cookies.
pub(crate) const SLOTS: usize = 9;

/// How many slots there are beside tokens in cookies.
pub(crate) const SLOTS_BESIDE_TOKENS: usize = 4;

const _: () = assert!(TOKEN_SLOTS * TOKEN_SLOT + STANDING + SLOTS_BESIDE_TOKENS * SLOT <= ALL);
const _: () = assert!(STANDING + SLOTS * SLOT <= ALL);

/// Returns how many of these slots for pending logins have room beside sessions and messages of this many bytes.
/// Callbacks at once may have left more of those than their share.
pub(crate) fn slots_beside(standing: usize, slots: usize) -> usize {
    let tokens = if slots > SLOTS_BESIDE_TOKENS {
        0
    } else {
        TOKEN_SLOTS * TOKEN_SLOT
    };
    slots.min(ALL.saturating_sub(tokens + standing) / SLOT)
}

/// Returns how many bytes of a `Cookie` header a cookie takes.
pub(crate) fn size(full_name: &str, value: &str) -> usize {
    full_name.len() + "=".len() + value.len() + "; ".len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g10_as_many_logins_as_have_room_beside_sessions_have_a_slot() {
        let tokens = TOKEN_SLOTS * TOKEN_SLOT;
        for (slots, tokens) in [(SLOTS, 0), (SLOTS_BESIDE_TOKENS, tokens)] {
            assert_eq!(slots_beside(STANDING, slots), slots);
            for standing in 0..=ALL {
                let found = slots_beside(standing, slots);
                let with = |slots: usize| tokens + standing + slots * SLOT;
                assert!(found == 0 || with(found) <= ALL, "{standing}");
                assert!(found == slots || with(found + 1) > ALL, "{standing}");
            }
        }
    }
}
