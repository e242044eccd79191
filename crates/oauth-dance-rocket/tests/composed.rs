//! The dance's routes and the fairing in the ways that Rocket composes applications.
// Rocket hands guards over by value.
#![expect(clippy::needless_pass_by_value)]

mod support;

use oauth_dance::{BeforeLogin, Dance, Flash, Missing, OAUTH_BEFORE_LOGIN, SignalSet};
use oauth_dance_rocket::{Api, Error, Flashes, Maybe, Visit, fairing, routes};
use rocket::fairing::AdHoc;
use rocket::http::ext::IntoOwned as _;
use rocket::http::{CookieJar, Header, Method, Status};
use rocket::local::asynchronous::Client;
use rocket::shield::Shield;
use rocket::{Responder, get};

use crate::support::{Op, app, ask, builder, client, dances, header, rocket, with_dances};

#[get("/page?<rest..>")]
fn page(_api: Api<Op>, rest: std::collections::HashMap<String, String>) -> String {
    format!("signed in {rest:?}")
}

/// The paths of the dances are whole paths. `mount` does not change them.
#[rocket::async_test]
async fn a_mount_begins_no_login_that_could_not_come_back() {
    for (prefix, base, path, status) in [
        ("", "/", "/login/op", 303),
        ("", "/login", "/login/op", 303),
        ("", "/auth", "/auth/login/op", 404),
        ("/auth", "/", "/auth/login/op", 303),
        ("/auth", "/auth", "/auth/login/op", 303),
        ("/auth", "/auth/", "/auth/login/op", 303),
        ("/auth", "/auth", "/auth/auth/login/op", 404),
        ("/auth", "/auth", "/auth/login", 404),
        ("/auth", "/auth", "/auth", 404),
        ("/a/b", "/a", "/a/b/login/op", 303),
    ] {
        let dances = builder().mount_at(prefix).build().unwrap();
        let client = client(rocket().mount(base, routes(&dances))).await;
        let response = ask(&client, path).await;
        assert_eq!(response.status().code, status, "{prefix} {base} {path}");
    }
}

#[rocket::async_test]
async fn an_application_whose_mount_hides_the_pages_does_not_launch() {
    for (prefix, base, launches) in [
        ("", "/", true),
        ("/auth", "/", true),
        ("/auth", "/auth", true),
        ("/auth", "/auth/", true),
        ("/a/b", "/a", true),
        ("", "/auth", false),
        ("", "/login", false),
        ("/auth", "/au", false),
        ("/auth", "/auth/login", false),
    ] {
        let dances = builder().mount_at(prefix).build().unwrap();
        let app = rocket().mount(base, routes(&dances));
        let launched = Client::untracked(app.attach(fairing(&dances))).await;
        // Rocket panics if its error is dropped and was not looked at.
        let error = launched.err().map(|error| error.kind().to_string());
        assert_eq!(error.is_none(), launches, "{prefix} {base}: {error:?}");
    }
}

#[rocket::async_test]
async fn an_application_without_the_fairing_does_not_launch() {
    #[get("/page")]
    fn maybe(_api: Maybe<Api<Op>>) {}
    #[get("/page")]
    fn optional(_api: Option<Api<Op>>) {}
    #[get("/page")]
    fn result(_api: Result<Visit, Error>) {}
    for route in [
        rocket::routes![page],
        rocket::routes![maybe],
        rocket::routes![optional],
        rocket::routes![result],
    ] {
        let app = rocket().mount("/", route).mount("/", routes(&dances()));
        let error = Client::untracked(app).await.expect_err("no launch");
        let kind = error.kind();
        assert!(
            matches!(kind, rocket::error::ErrorKind::SentinelAborts(_)),
            "{kind}"
        );
    }
}

#[rocket::async_test]
async fn the_dances_leave_the_paths_of_the_application_alone() {
    #[get("/login")]
    fn own() {}
    #[get("/login/<_>")]
    fn other() {}
    #[get("/<_..>", rank = 20)]
    fn teapot() -> Status {
        Status::ImATeapot
    }
    let client = client(app().mount("/", rocket::routes![own, other, teapot])).await;
    for (path, status) in [
        ("/login/op", 303),
        ("/login", 200),
        ("/login/another", 200),
        ("/nowhere", 418),
        ("/", 418),
    ] {
        assert_eq!(ask(&client, path).await.status().code, status, "{path}");
    }
}

#[rocket::async_test]
async fn a_head_of_the_applications_page_is_that_of_its_get() {
    #[get("/own")]
    fn own() -> &'static str {
        "own"
    }
    let client = client(app().mount("/", rocket::routes![own])).await;
    let response = client.head("/own").dispatch().await;
    assert_eq!(response.status(), Status::Ok);
    assert_eq!(response.body().preset_size(), Some(3));
}

/// A path with a slash at its end is another path, and so is one with an escape or an empty segment.
#[rocket::async_test]
async fn a_path_that_is_written_in_another_way_is_another_path() {
    let client = client(app()).await;
    for path in [
        "/login/op/",
        "/login/op/authorized/",
        "/logout/op/",
        "//login/op",
        "/login//op",
        "/login/%6fp",
        "/LOGIN/op",
    ] {
        assert_eq!(ask(&client, path).await.status().code, 404, "{path}");
    }
}

#[rocket::async_test]
async fn a_slash_at_the_end_is_for_the_application_to_take_off() {
    let trim = AdHoc::on_request("trim", |request, _| {
        Box::pin(async move {
            let uri = request.uri().clone().into_owned();
            request.set_uri(uri.into_normalized());
        })
    });
    let app = rocket().attach(trim);
    let client = client(with_dances(app, &dances())).await;
    let response = ask(&client, "/login/op/?next=%2Fa").await;
    assert_eq!(response.status(), Status::SeeOther);
}

#[rocket::async_test]
async fn every_other_method_is_told_which_one_the_page_takes() {
    let client = client(app()).await;
    for (method, path, allowed) in [
        (Method::Head, "/login/op", "GET"),
        (Method::Options, "/login/op", "GET"),
        (Method::Post, "/login/op/authorized", "GET"),
        (Method::Get, "/logout/op", "POST"),
        (Method::Trace, "/logout/op", "POST"),
        (Method::Patch, "/logout/op", "POST"),
        (Method::Connect, "/logout/op", "POST"),
    ] {
        let response = client.req(method, path).dispatch().await;
        assert_eq!(response.status().code, 405, "{path}");
        assert_eq!(header(&response, "Allow"), [allowed]);
    }
}

#[rocket::async_test]
async fn a_login_returns_to_the_whole_path_of_a_page_below_a_mount() {
    let dances = builder().mount_at("/auth").build().unwrap();
    let app = rocket().mount("/auth/ada", rocket::routes![page]);
    let client = client(with_dances(app, &dances)).await;
    assert_eq!(
        header(&ask(&client, "/auth/ada/page?a=b").await, "Location"),
        ["http://127.0.0.1:8000/auth/login/op?next=%2Fauth%2Fada%2Fpage%3Fa%3Db"]
    );
}

/// A fairing that is attached later reads the visit, as a handler does.
#[rocket::async_test]
async fn a_fairing_of_the_application_reads_the_visit() {
    let reads = AdHoc::on_request("reads", |request, _| {
        Box::pin(async move {
            let visit = request.guard::<Visit>().await;
            visit.succeeded().expect("a visit").flash("Hello.");
        })
    });
    #[get("/")]
    fn read(flashes: Flashes) -> String {
        flashes.iter().map(Flash::text).collect()
    }
    let client = client(app().attach(reads).mount("/", rocket::routes![read])).await;
    let text = ask(&client, "/").await.into_string().await;
    assert_eq!(text.as_deref(), Some("Hello."));
}

/// The visit is among the extensions of their request.
#[rocket::async_test]
async fn a_receiver_reads_the_visit() {
    let signals = SignalSet::new();
    let greet = |_: &Dance, login: &BeforeLogin| {
        let visit: &oauth_dance::Visit = login.extension()?;
        visit.flash("Hello.");
        Ok::<(), Missing>(())
    };
    signals.of(&OAUTH_BEFORE_LOGIN).connect(greet);
    let dances = builder().signals(signals).build().unwrap();
    let client = client(with_dances(rocket(), &dances)).await;
    let response = ask(&client, "/login/op").await;
    assert_eq!(response.status(), Status::SeeOther);
    let cookies = header(&response, "Set-Cookie").join(" ");
    assert!(cookies.contains("flash"), "{cookies}");
}

#[rocket::async_test]
async fn a_fairing_that_is_attached_twice_asks_once() {
    let dances = dances();
    let app = with_dances(rocket(), &dances).attach(fairing(&dances));
    let client = client(app.mount("/", rocket::routes![page])).await;
    let response = ask(&client, "/page").await;
    assert_eq!(response.status(), Status::SeeOther);
    assert_eq!(header(&response, "Location").len(), 1);
}

/// Rocket's headers are text: UTF-8 in both directions, and repeated ones stay repeated.
#[rocket::async_test]
async fn headers_of_a_page_go_through() {
    #[derive(Responder)]
    struct WithHeaders((), Header<'static>);
    #[get("/")]
    fn page(visit: Visit, cookies: &CookieJar<'_>) -> WithHeaders {
        visit.flash("Hello.");
        cookies.add(("one", "1"));
        cookies.add(("two", "2"));
        WithHeaders((), Header::new("X-Name", "Zoë"))
    }
    let client = client(app().mount("/", rocket::routes![page])).await;
    let response = ask(&client, "/").await;
    assert_eq!(header(&response, "X-Name"), ["Zoë"]);
    let cookies = header(&response, "Set-Cookie");
    assert_eq!(cookies.len(), 3, "{cookies:?}");
}

/// `Shield` warns of a page that has one of its headers. It is attached before all other fairings.
#[rocket::async_test]
async fn a_page_of_a_dance_has_its_headers_with_and_without_shield() {
    const NAME: &str = "X-Content-Type-Options";
    for shield in [Shield::default(), Shield::new()] {
        let sees = AdHoc::on_response("sees", |_, page| {
            Box::pin(async move { assert!(!page.headers().contains(NAME)) })
        });
        let app = rocket().attach(sees).attach(shield);
        let client = client(with_dances(app, &dances())).await;
        let response = ask(&client, "/login/op").await;
        assert_eq!(header(&response, NAME), ["nosniff"]);
        assert_eq!(header(&response, "Cache-Control"), ["no-store"]);
    }
}

/// A page that depends on who asks says so.
#[rocket::async_test]
async fn a_page_that_reads_the_visit_varies_by_cookie() {
    #[get("/")]
    async fn home(visit: Visit) -> Result<(), Error> {
        visit.owner("op").await?;
        Ok(())
    }
    let client = client(app().mount("/", rocket::routes![home])).await;
    let vary = ask(&client, "/").await;
    let vary = header(&vary, "Vary").join(",").to_ascii_lowercase();
    assert!(vary.contains("cookie"), "{vary}");
}

/// The client of `rocket::local` keeps cookies in its jar, and sends no header.
#[rocket::async_test]
async fn the_local_client_brings_the_cookies_of_the_dance() {
    #[get("/leave")]
    fn leave(visit: Visit) {
        visit.flash("Goodbye.");
    }
    #[get("/read")]
    fn read(flashes: Flashes) -> String {
        flashes.iter().map(Flash::text).collect()
    }
    let app = app().mount("/", rocket::routes![leave, read]);
    let client = Client::tracked(app).await.unwrap();
    client.get("/leave").dispatch().await;
    let request = client.get("/read");
    // A clone is another visit.
    let again = request.clone();
    let text = request.dispatch().await.into_string().await;
    assert_eq!(text.as_deref(), Some("Goodbye."));
    let text = again.dispatch().await.into_string().await;
    assert_eq!(text.as_deref(), Some("Goodbye."));
    let text = client.get("/read").dispatch().await.into_string().await;
    assert_eq!(text.unwrap_or_default(), "");
}

/// What a visitor's cookies are is not in the text of a visit.
#[rocket::async_test]
async fn k01_a_visit_does_not_show_the_request() {
    #[get("/")]
    fn debug(visit: Visit) -> String {
        format!("{visit:?}")
    }
    let client = client(app().mount("/", rocket::routes![debug])).await;
    let request = client
        .get("/?a-secret")
        .header(Header::new("Cookie", "a=a-secret"));
    let text = request.dispatch().await.into_string().await.unwrap();
    assert!(text.starts_with("Visit("), "{text}");
    assert!(!text.contains("a-secret"), "{text}");
}
