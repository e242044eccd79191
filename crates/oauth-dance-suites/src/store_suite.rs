//! The suite that every token store passes: one function for each promise of [`TokenStore`](oauth_dance::TokenStore).
//!
//! A crate with a store writes one line for it, and gets a test for each function of this module:
//!
//! ```
//! use oauth_dance::MemoryStore;
//! use oauth_dance_suites::store_suite;
//!
//! store_suite!(memory, async || MemoryStore::new());
//! ```
//!
//! Where something has to outlive the store, a temporary folder or a server, the closure answers
//! [`Guarded`] instead. The crate needs `tokio` with the features `macros` and `rt-multi-thread`.

mod accounts;
mod fixture;
mod keys;
mod lease;
mod model;
mod records;

pub use self::accounts::{
    accounts_are_kept_beside_each_other, accounts_are_listed_the_newest_first,
    purge_deletes_what_has_expired, sites_do_not_meet,
};
pub use self::fixture::{Fixture, Guarded};
pub use self::keys::{
    f21_keys_with_odd_text_are_distinct, f21_long_and_nul_keys_are_distinct_or_refused,
    keys_differ_in_every_part,
};
pub use self::lease::{
    a_lease_expires, a_lease_is_exclusive, a_lease_leaves_the_record_alone, a_lease_needs_a_record,
    a_released_lease_is_free, deleting_ends_a_lease, one_of_many_gets_the_lease,
    writing_ends_a_lease,
};
pub use self::model::f25_users_never_meet;
pub use self::records::{
    absent_is_none, delete_answers_whether_there_was_one, delete_touches_one_key,
    every_byte_comes_back, many_saves_at_once_all_count, one_of_many_replaces_wins,
    replace_needs_a_record, replace_needs_the_current_revision, revisions_never_repeat,
    save_overwrites, save_then_load,
};

/// Makes a module `$name` with one `#[tokio::test]` for each function of
/// [`store_suite`](mod@crate::store_suite).
///
/// `$fresh` is an async closure; each test calls it once and expects an empty store, or one
/// [`Guarded`](crate::store_suite::Guarded). Attributes before the name go to every test:
///
/// ```
/// # use oauth_dance::MemoryStore;
/// oauth_dance_suites::store_suite!(
///     #[cfg_attr(not(feature = "live"), ignore = "needs a server")]
///     server, async || MemoryStore::new()
/// );
/// ```
#[macro_export]
macro_rules! store_suite {
    (@tests $attributes:tt, $fresh:expr; $($test:ident)*) => {
        $($crate::store_suite! { @test $attributes, $fresh, $test })*
    };
    (@test [$($attributes:tt)*], $fresh:expr, $test:ident) => {
        $($attributes)*
        #[::tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $test() {
            $crate::store_suite::$test(($fresh)().await).await;
        }
    };
    ($(#[$attribute:meta])* $name:ident, $fresh:expr $(,)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $crate::for_each_store_test! {
                @call [$crate::store_suite] { @tests [$(#[$attribute])*], $fresh; }
            }
        }
    };
}

/// Calls a macro with the names of all functions of [`store_suite`](mod@crate::store_suite), after
/// the tokens in braces: for a test harness of one's own.
///
/// ```
/// macro_rules! names {
///     (all: $($test:ident)*) => { [$(stringify!($test)),*] };
/// }
/// let names = oauth_dance_suites::for_each_store_test!(names { all: });
/// assert!(names.contains(&"save_then_load"));
/// ```
#[macro_export]
macro_rules! for_each_store_test {
    ($callback:ident { $($arguments:tt)* }) => {
        $crate::for_each_store_test! { @call [$callback] { $($arguments)* } }
    };
    (@call [$($callback:tt)+] { $($arguments:tt)* }) => {
        $($callback)+! {
            $($arguments)*
            absent_is_none
            save_then_load
            save_overwrites
            every_byte_comes_back
            replace_needs_the_current_revision
            replace_needs_a_record
            revisions_never_repeat
            delete_answers_whether_there_was_one
            delete_touches_one_key
            many_saves_at_once_all_count
            one_of_many_replaces_wins
            keys_differ_in_every_part
            f21_keys_with_odd_text_are_distinct
            f21_long_and_nul_keys_are_distinct_or_refused
            sites_do_not_meet
            accounts_are_kept_beside_each_other
            accounts_are_listed_the_newest_first
            purge_deletes_what_has_expired
            a_lease_is_exclusive
            a_lease_expires
            a_released_lease_is_free
            a_lease_needs_a_record
            a_lease_leaves_the_record_alone
            writing_ends_a_lease
            deleting_ends_a_lease
            one_of_many_gets_the_lease
            f25_users_never_meet
        }
    };
}
