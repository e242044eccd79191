//! The suite that every framework adapter passes: the whole dance over real sockets, attacks included.
//!
//! A crate with an adapter writes a function that serves a small application by that framework, and one line. It gets a
//! test for each case of this module:
//!
//! ```
//! # use oauth_dance::Dances;
//! use oauth_dance_suites::adapter_suite;
//! use oauth_dance_suites::adapter_suite::Serving;
//!
//! adapter_suite!(serve);
//!
//! async fn serve(dances: Dances) -> Serving {
//!     # let _ = dances;
//!     unimplemented!("listen on a free port of 127.0.0.1 and serve the pages")
//! }
//! ```
//!
//! A case that a framework cannot meet is named with the reason. It has to fail then, so that the list stays true:
//!
//! ```
//! # use oauth_dance::Dances;
//! # use oauth_dance_suites::adapter_suite;
//! # use oauth_dance_suites::adapter_suite::Serving;
//! adapter_suite!(serve, except {
//!     a24_an_overlong_query_is_refused: "MyFramework refuses it by itself, with a status of its own",
//! });
//! # async fn serve(_: Dances) -> Serving { unimplemented!() }
//! ```
//!
//! With [`Adapter`] the dances use another HTTP client: `adapter_suite!(in Adapter::new(serve).with_client(…))`.
//!
//! # The application
//!
//! It routes the paths of [`Dances::paths`](oauth_dance::Dances::paths) to
//! [`Dances::handle`](oauth_dance::Dances::handle), for every method, and has these pages, which use what
//! the adapter offers in place of [`Dances::visit`](oauth_dance::Dances::visit):
//!
//! | page | for | answers |
//! |---|---|---|
//! | [`HOME`](pages::HOME) | everybody | [`pages::home`] with the owner and the flash messages, which it takes |
//! | [`COOKIES`](pages::COOKIES) | everybody | the same, and sets [`OWN_COOKIE`](pages::OWN_COOKIE) |
//! | [`ME`](pages::ME) | who is signed in; others are sent to the login, and come back here | [`pages::home`] without flash messages |
//! | [`PROFILE`](pages::PROFILE) | who is signed in; others are sent to the login | what the provider answers to [`PROFILE_API`](pages::PROFILE_API) |
//! | [`MISSPELT`](pages::MISSPELT) | everybody | what the adapter makes of the error of asking for the API of [`NO_DANCE`](pages::NO_DANCE) |
//! | [`NUMBER`](pages::NUMBER) | the application's user, an `i64`; others are sent to the login | the number |
//! | [`WITHOUT_VISIT`](pages::WITHOUT_VISIT) | everybody; it stands where no visit is opened | what the adapter makes of asking for the visit |
//!
//! The pages take GET and HEAD. The server speaks HTTP/1.1, and HTTP/2 with prior knowledge. Browsers see it at
//! [`ORIGIN`](pages::ORIGIN), as behind a proxy that ends TLS, so the cookies are those of production. The tests are named after the attacks and requirements they show.
//!
//! The crate needs `oauth-dance` with the feature `tracing` as a dev-dependency. The suite reads everything that is said to `tracing` and `log`,
//! in search of secrets, so no test of the same binary may install a subscriber or a logger. A framework that
//! logs requests by itself is told not to, as in production: the address of a callback has a code in it.

mod adapter;
mod answers;
mod bodies;
mod callback_binding;
mod callback_text;
mod harmless;
mod headers;
mod heard;
mod http2;
mod issuer;
mod leaks;
mod leaving;
mod logout;
mod loops;
mod next_page;
mod other_methods;
mod page_errors;
pub mod pages;
mod paths;
mod pending_store;
mod raw;
mod receivers;
mod refresh;
mod rig;
mod sealed_cookies;
mod secrets;
mod seed;
mod steps;
mod token_answer;
mod trace;

use self::adapter::Case;
pub use self::adapter::{Adapter, Serving};
pub use self::answers::*;
pub use self::bodies::*;
pub use self::callback_binding::*;
pub use self::callback_text::*;
pub use self::headers::*;
pub use self::http2::*;
pub use self::issuer::*;
pub use self::leaks::*;
pub use self::leaving::*;
pub use self::logout::*;
pub use self::loops::*;
pub use self::next_page::*;
pub use self::other_methods::*;
pub use self::page_errors::*;
pub use self::paths::*;
pub use self::pending_store::*;
pub use self::receivers::*;
pub use self::refresh::*;
pub use self::sealed_cookies::*;
pub use self::seed::*;
pub use self::token_answer::*;

/// Runs a case of the suite by its name. [`adapter_suite!`](macro@crate::adapter_suite) calls it.
///
/// # Panics
///
/// If the case fails, and if it holds in spite of an exception.
pub fn run(adapter: &Adapter, case: &str) {
    let cases: &[(&str, Case)] = crate::adapter_suite!(@cases table []);
    adapter.run(cases, case);
}

/// Makes one `#[test]` for each case of [`adapter_suite`](mod@crate::adapter_suite), which says what it takes.
#[macro_export]
macro_rules! adapter_suite {
    (@tests [$adapter:expr] $($case:ident)*) => {$(
        #[test]
        fn $case() {
            $crate::adapter_suite::run(&$adapter, stringify!($case));
        }
    )*};
    (@table [] $($case:ident)*) => {
        &[$((stringify!($case), |adapter| Box::pin($case(adapter)))),*]
    };
    (@cases $with:ident [$($adapter:expr)?]) => {
        $crate::adapter_suite! { @$with [$($adapter)?]
            a01_a_callback_without_state_is_rejected
            a02_a_callback_with_another_state_is_rejected
            a02_the_pending_login_survives_another_state
            a03_an_empty_state_is_rejected
            a04_another_browsers_callback_is_rejected
            a04_another_browsers_callback_is_rejected_beside_ones_own
            a05_a_server_side_login_is_bound_to_its_browser
            a05_a_stranger_does_not_use_a_server_side_login_up
            a06_a_callback_works_once
            a07_g03_a_restored_cookie_does_not_repeat_a_login
            a07_a_restored_cookie_does_not_restore_a_server_side_login
            a08_a_login_expires
            a08_a_slow_person_gets_in_up_to_the_last_second
            a09_logins_in_several_tabs_do_not_meet
            a09_two_callbacks_at_once_both_sign_in
            a10_unfinished_logins_are_bounded
            a12_a_pending_login_without_the_host_prefix_is_none
            a13_the_authentic_one_of_several_cookies_counts
            a13_a_login_over_http_2_signs_in
            a13_over_http_2_a_browser_signs_in_and_out
            a14_an_unbound_error_is_rejected
            a14_another_browsers_error_is_rejected
            a15_a_denial_is_told_and_the_browser_redirected
            a15_a_description_is_cut_and_cleaned
            a16_an_error_beside_a_code_wins
            a17_a_callback_without_code_or_error_is_malformed
            a18_a_repeated_parameter_is_rejected
            a18_unknown_parameters_are_passed_over
            a19_a_posted_callback_is_refused
            a19_a_wrong_method_is_answered_before_its_body
            a21_a_prefetch_finishes_nothing
            a21_only_a_get_begins_a_login
            a21_only_a_get_finishes_a_login
            a21_a_head_of_a_page_is_its_get_without_a_body
            a21_an_unknown_method_touches_no_page
            a21_every_other_method_is_told_which_one_the_page_takes
            a23_a_code_with_control_characters_is_malformed
            a23_malformed_text_is_rejected
            a24_an_overlong_body_is_refused
            a24_a_long_session_state_is_skipped
            a24_an_overlong_query_is_refused
            a24_a_body_of_one_byte_too_many_is_refused
            a24_a_body_of_the_whole_length_is_read
            a24_a_body_that_breaks_off_is_refused
            a24_a_body_that_does_not_end_is_given_up
            a24_a_target_of_eight_kilobytes_is_read
            a24_over_http_2_a_body_of_one_byte_too_many_is_refused
            a24_over_http_2_a_body_that_is_reset_ends_no_session
            a25_an_empty_or_overlong_code_is_malformed
            a26_an_unasked_response_object_is_rejected
            a27_a_store_that_is_down_is_not_a_wrong_state
            a27_no_login_begins_without_its_store
            a04_stored_logins_of_several_browsers_do_not_meet
            a28_one_of_many_callbacks_finishes_the_login
            a22_a32_a_rejected_callback_begins_no_login
            a33_a_callback_at_another_address_is_none
            a33_a_login_at_another_name_of_the_host_begins_at_the_origin
            a33_another_spelling_of_a_mounted_path_is_another_path
            a33_another_spelling_of_a_path_is_another_path
            a33_another_spelling_of_the_callback_is_another_path
            a33_over_http_2_a_login_at_another_name_begins_at_the_origin
            r10_a_callback_path_and_a_prefix_of_a_proxy_are_kept
            b02_another_issuer_is_refused
            b03_a_missing_issuer_is_refused_where_it_is_promised
            b03_an_error_without_the_promised_issuer_is_not_the_providers
            b04_an_issuer_without_expectation_is_passed_over
            b04_an_unpromised_issuer_must_match
            b04_the_right_issuer_is_accepted
            b05_issuers_are_compared_exactly
            b06_another_issuers_error_is_not_the_providers
            b08_a_login_of_another_dance_is_rejected
            b09_a_stripped_challenge_ends_the_login
            c01_another_origin_is_no_next
            c02_dot_segments_uncover_no_host
            c03_control_characters_are_no_next
            c04_encoded_delimiters_are_no_next
            c05_unicode_stays_on_the_origin
            c06_overlong_and_malformed_text_is_no_next
            c07_the_dances_own_pages_are_no_next
            c08_a_next_at_the_callback_is_ignored
            c11_a_repeated_host_changes_nothing
            c11_a_target_in_absolute_form_is_the_same_page
            c11_the_login_is_on_the_configured_origin
            c11_the_redirect_uri_comes_from_the_configuration
            c14_a_refused_login_ends_at_the_configured_place
            d01_an_endless_body_is_cut
            d02_a_slow_body_is_given_up
            d03_a_silent_provider_is_given_up
            d06_a_redirect_is_not_followed
            d07_a_page_is_no_answer
            d08_another_content_type_needs_its_quirk
            d09_a_form_needs_its_quirk
            d10_only_a_json_object_is_an_answer
            d12_a_repeated_member_is_no_answer
            d14_an_absurd_lifetime_is_no_answer
            d14_an_unusual_lifetime_is_read
            d15_a_missing_token_type_needs_its_quirk
            d16_only_bearer_tokens_are_taken
            d17_an_access_token_is_visible_ascii
            d18_an_error_with_status_200_is_an_error_by_quirk
            d18_an_error_with_status_200_is_no_token
            d19_an_error_status_needs_an_oauth_error
            d21_the_granted_scope_counts
            d23_a_token_that_does_not_fit_signs_nobody_in
            d23_an_overlong_token_is_no_answer
            d24_a_failed_exchange_is_not_repeated
            d25_an_exchange_that_breaks_off_is_not_repeated
            d27_the_providers_cookies_are_not_kept
            d32_an_unknown_client_is_the_providers_error
            e32_a_login_needs_its_subject
            f01_many_calls_refresh_a_stored_token_once
            f01_many_calls_refresh_a_token_in_cookies_once
            f03_a_rotated_refresh_token_replaces_the_old_one
            f04_a_refresh_token_that_stays_is_kept
            f05_a_dead_refresh_token_leads_to_the_login
            a06_a30_a_signed_in_browser_is_led_home
            a14_a_forged_denial_leaves_no_mark
            c08_a_script_is_told_to_sign_in
            r12_the_application_makes_the_pages
            s10_a_login_begins_again_when_a_person_wants_it
            s10_a_login_that_came_to_nothing_never_goes_round
            s10_a_login_that_does_not_help_never_goes_round
            f05_a_dead_refresh_token_in_cookies_is_forgotten
            f05_a_grant_that_is_gone_takes_a_living_token_with_it
            f05_an_answer_without_a_token_leads_to_the_login
            f06_a_provider_that_comes_back_refreshes
            f06_a_provider_that_is_down_signs_nobody_out
            f06_a_provider_that_is_silent_signs_nobody_out
            f06_a_token_that_still_lives_outlives_a_failed_refresh
            f06_a_token_without_a_refresh_token_lives_to_its_end
            f07_a_refresh_outlives_the_browser_that_asked
            f09_a_store_that_is_down_signs_nobody_in
            f09_a_token_that_is_refused_signs_nobody_in
            f14_a_refresh_does_not_bring_back_who_signed_out
            f16_what_is_stored_shows_no_secret
            f18_a_token_that_does_not_open_leads_to_the_login
            g01_a_changed_pending_login_is_rejected
            g01_a_changed_session_is_absent
            g02_a_cut_pending_login_is_rejected
            g02_a_cut_session_is_absent
            g02_the_clear_expiry_of_a_pending_login_proves_nothing
            g04_no_cookie_stands_in_for_another
            g05_a_token_cookie_belongs_to_its_browser
            g05_a_token_cookie_belongs_to_its_dance
            g07_a_session_expires_by_the_servers_clock
            g13_junk_cookies_are_passed_over
            g14_a_pages_cookie_goes_out_beside_the_dances
            g14_a_receivers_cookies_go_out_beside_the_dances
            g14_over_http_2_a_pages_cookie_goes_out_beside_the_dances
            c16_h01_a_line_break_in_a_receivers_redirect_is_no_header
            h01_a_receiver_reads_fields_byte_for_byte
            h01_a_receivers_fields_go_out_byte_for_byte
            h02_a_failure_before_the_login_ends_it
            h02_a_panic_after_an_await_fails_the_login
            h02_a_receivers_error_fails_the_login
            h02_l03_a_receivers_panic_fails_the_login
            h03_a_receiver_of_a_failure_does_not_hold_up_the_answer
            h03_a_receiver_that_never_ends_fails_the_login
            h04_a_receiver_may_use_the_signals_and_the_dance
            h05_a_veto_wins_over_a_later_approval
            h05_a_veto_wins_over_an_earlier_approval
            h05_the_first_response_wins_and_the_others_are_told_of
            h06_an_answer_to_a_failure_stores_nothing
            h08_a_receiver_cannot_set_the_dances_own_parameters
            h08_what_a_receiver_remembers_comes_back
            h09_a_browser_that_leaves_in_its_callback_leaves_no_half_login
            h09_a_stream_that_is_reset_in_its_callback_leaves_no_half_login
            i01_every_login_has_a_new_identifier
            i02_a_blank_owner_owns_nothing
            i02_a_second_person_does_not_reach_the_firsts_token
            i12_a_foreign_origin_signs_nobody_out
            i12_another_site_signs_nobody_out
            i12_only_a_post_signs_out
            i16_a_failed_revocation_does_not_hold_up_a_logout
            i16_a_logout_whose_token_stays_says_so
            k01_no_answer_shows_a_secret
            k01_no_event_shows_a_secret
            h07_k01_no_payload_prints_a_secret
            k01_k02_no_public_type_prints_a_secret
            k07_a_call_that_fails_has_the_status_of_its_failure
            k07_a_page_that_fails_does_not_say_why
            k07_a_page_that_cannot_read_its_user_says_so_in_the_log_alone
            k07_a_page_that_names_no_dance_says_so_in_the_log_alone
            k07_a_page_without_a_visit_says_so_in_the_log_alone
            l01_a_logout_outlives_the_browser_that_asked
            l08_a_store_that_is_down_is_an_error_and_no_logout
            b13_r03_every_login_has_its_own_state_and_challenge
            r03_the_verifier_proves_the_challenge
            r05_a_made_up_state_is_not_shown
            r05_the_verifier_never_reaches_the_browser
            r09_both_requests_name_the_same_redirect_uri
            r11_a_page_of_the_application_is_kept
            r11_a_page_that_needs_a_login_is_come_back_to
            r11_the_query_of_a_page_is_kept_byte_for_byte
            r12_a_receivers_answer_is_protected
            r12_every_step_of_a_login_is_protected
            r12_the_code_is_not_in_the_next_address
            r22_the_token_request_has_no_query
            r23_basic_credentials_are_form_encoded
            r24_credentials_are_sent_in_one_way
            r30_the_token_leads_to_the_providers_answer
            r30_who_is_not_signed_in_calls_nothing
            r62_a_logout_ends_the_session_and_the_token
            r62_a_logout_of_nobody_changes_nothing
            r62_a_logout_of_one_dance_leaves_the_other
            g11_r66_every_cookie_has_the_strictest_attributes
            s01_a_receiver_sends_a_signal_of_the_applications_own
            s02_a_long_task_does_not_hold_up_the_answer
            s02_a_receiver_updates_the_users_profile
            s03_a_function_connects_to_the_static_signal
            s04_authorized_carries_the_token_the_answer_and_the_request
            s05_a_flash_message_shows_on_the_next_page_once
            s06_a_receiver_links_the_token_to_a_user
            s07_a_receiver_sees_what_was_granted
            s08_a_discarded_token_is_not_stored
            s09_a_receivers_redirect_replaces_the_usual_one
            s09_a_receivers_response_replaces_the_redirect
            s10_a_providers_error_is_told_and_the_browser_redirected
            s10_a_receiver_answers_a_providers_error
        }
    };
    (in $adapter:expr) => {
        $crate::adapter_suite! { @cases tests [$adapter] }
    };
    ($serve:expr $(, except { $($case:ident: $reason:expr),* $(,)? })? $(,)?) => {
        $crate::adapter_suite! { in
            $crate::adapter_suite::Adapter::new($serve)$($(.except(stringify!($case), $reason))*)?
        }
    };
}
