//! The quickstart, clicked through in a real browser.
//!
//! Each test has a browser, a process and a folder of its own. Where Chromium, chromedriver or axe-core
//! is not installed the tests are ignored, which they say; with `REQUIRE_SERVICES=1` they fail.

mod app;
mod axe;
mod chromium;
mod core_pages;
mod emulate;
mod every_page;
mod provider_pages;
mod tests;
mod visitor;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::app::App;
use crate::chromium::Driver;
use crate::core_pages::{
    axe_finds_nothing_on_the_pages_of_the_core, no_page_of_the_core_scrolls_sideways,
};
use crate::every_page::{
    axe_finds_nothing_on_any_page, no_page_scrolls_sideways_on_a_narrow_screen,
};
use crate::provider_pages::{
    axe_finds_nothing_on_the_pages_of_the_provider, no_page_of_the_provider_scrolls_sideways,
};
use crate::tests::*;
use crate::visitor::Visitor;

/// How long one test may take, on a machine that is busy.
const DEADLINE: Duration = Duration::from_secs(300);

/// One driver for all tests, started by the first; or why there is none.
type SharedDriver = Arc<OnceLock<Result<Driver, String>>>;

macro_rules! trials {
    ($driver:expr, $needs:expr, $($test:ident),* $(,)?) => {
        vec![$({
            let driver = Arc::clone($driver);
            Trial::ignorable_test(stringify!($test), move || {
                with_visitor(&driver, $needs, async |visitor| $test(visitor).await)
            })
        }),*]
    };
}

fn main() -> ExitCode {
    let driver = SharedDriver::default();
    let mut trials = trials![
        &driver,
        || Ok(()),
        signing_in_shows_who_what_and_how,
        a_flash_message_is_shown_once,
        who_says_no_is_informed,
        without_the_address_nobody_is_signed_in,
        without_the_notes_there_is_no_import,
        two_tabs_sign_in_at_once,
        signing_out_signs_out,
        a_restart_signs_nobody_out,
        only_newcomers_are_shown_around,
        a_page_for_the_signed_in_leads_to_the_login_and_back,
        the_import_comes_to_its_end,
        the_token_opens_the_api,
        no_page_scrolls_sideways_on_a_narrow_screen,
        no_page_of_the_provider_scrolls_sideways,
        no_page_of_the_core_scrolls_sideways,
    ];
    trials.extend(trials![
        &driver,
        axe::installed,
        axe_finds_nothing_on_any_page,
        axe_finds_nothing_on_the_pages_of_the_provider,
        axe_finds_nothing_on_the_pages_of_the_core,
    ]);
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What a test reports that cannot run here: the reason, or a failure where all have to run.
fn without(missing: String) -> Result<Completion, Failed> {
    if std::env::var_os("REQUIRE_SERVICES").is_some_and(|value| value == "1") {
        return Err(missing.into());
    }
    Ok(Completion::ignored_with(missing))
}

/// Runs one test, and closes its browser whatever comes of it. `needs` says what the test lacks besides
/// a browser.
fn with_visitor(
    driver: &SharedDriver,
    needs: fn() -> Result<(), String>,
    test: impl AsyncFnOnce(&mut Visitor<'_>),
) -> Result<Completion, Failed> {
    if let Err(missing) = needs() {
        return without(missing);
    }
    let driver = match driver.get_or_init(Driver::start) {
        Ok(driver) => driver,
        Err(missing) => return without(missing.clone()),
    };
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let app = App::start(&data);
    let browser = runtime.block_on(driver.browser(&folder.path().join("profile")));
    let mut visitor = Visitor {
        browser: browser.clone(),
        app,
        data: &data,
    };
    // A panic in here is how a test fails; libtest-mimic reports it once the browser is closed.
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime.block_on(async { tokio::time::timeout(DEADLINE, test(&mut visitor)).await })
    }));
    runtime.block_on(browser.close())?;
    match result {
        Ok(Ok(())) => Ok(Completion::Completed),
        Ok(Err(_)) => Err(format!("not done after {DEADLINE:?}").into()),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}
