//! A page that needs a login, and one that fails, in the ways that Rocket makes responses of errors.
// Rocket hands guards over by value.
#![expect(clippy::needless_pass_by_value)]

mod support;

use oauth_dance::{Dances, LoginRequired};
use oauth_dance_rocket::{Api, DanceName, Error, Maybe, SignedIn, Visit};
use rocket::fairing::AdHoc;
use rocket::http::{Accept, ContentType, CookieJar, Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::status::Custom;
use rocket::{Request, Responder, State, catch, catchers, get};

use crate::support::{Op, app, ask, client, dances, header, rocket, with_dances};

#[get("/page")]
fn page(_api: Api<Op>) {}

const TO_LOGIN: &str = "http://127.0.0.1:8000/login/op?next=%2Fpage";

/// A handler that has set its cookie on the page that asks for a login.
#[rocket::async_test]
async fn a_page_that_asks_for_a_login_keeps_its_headers() {
    #[derive(Responder)]
    struct WithHeaders(Error, Header<'static>, Header<'static>, Header<'static>);

    #[get("/page")]
    fn page(visit: Visit, cookies: &CookieJar<'_>) -> WithHeaders {
        cookies.add(("cart", "7"));
        let dance = visit.dances().get("op").unwrap();
        WithHeaders(
            LoginRequired::new(dance).into(),
            Header::new("Content-Language", "en"),
            Header::new("Cache-Control", "public"),
            Header::new("Vary", "Accept"),
        )
    }
    let client = client(app().mount("/", rocket::routes![page])).await;
    let response = ask(&client, "/page").await;
    assert_eq!(response.status(), Status::SeeOther);
    assert_eq!(header(&response, "Location"), [TO_LOGIN]);
    let cookies = header(&response, "Set-Cookie");
    assert_eq!(cookies, ["cart=7; SameSite=Strict; Path=/"]);
    assert_eq!(header(&response, "Content-Language"), [""; 0]);
    assert_eq!(header(&response, "Cache-Control"), ["no-store"]);
    assert!(header(&response, "Vary").contains(&"Accept"));
    assert_eq!(response.into_string().await.unwrap_or_default(), "");
}

#[rocket::async_test]
async fn a_script_gets_401_and_no_redirect() {
    let client = client(app().mount("/", rocket::routes![page])).await;
    let response = client.get("/page").header(Accept::JSON).dispatch().await;
    assert_eq!(response.status(), Status::Unauthorized);
    assert_eq!(header(&response, "Content-Type"), ["application/json"]);
    let body = response.into_string().await.unwrap();
    assert!(body.contains("/login/op"), "{body}");
}

/// An error type of the application's own around ours.
#[rocket::async_test]
async fn an_error_inside_of_the_applications_own_returns_to_the_page() {
    #[derive(Responder)]
    enum PageError {
        Dance(Error),
        #[response(status = 507)]
        #[allow(dead_code)]
        Full(()),
    }
    #[get("/page")]
    async fn page(visit: Visit) -> Result<(), PageError> {
        let api = visit
            .api("op")
            .map_err(|error| PageError::Dance(error.into()))?;
        let answer = api.get("/me").await;
        answer.map_err(|error| PageError::Dance(error.into()))?;
        Ok(())
    }
    let client = client(app().mount("/", rocket::routes![page])).await;
    assert_eq!(header(&ask(&client, "/page").await, "Location"), [TO_LOGIN]);
}

/// A handler that takes the guard's error says by it, or by a page of its own, what the response is.
#[rocket::async_test]
async fn a_handler_that_takes_the_error_of_a_guard_decides() {
    #[get("/page")]
    fn page(api: Result<Api<Op>, Error>) -> Result<(), Error> {
        api.map(|_| ())
    }
    #[get("/optional/<code>")]
    fn optional(api: Option<Api<Op>>, code: u16) -> Custom<()> {
        assert!(api.is_none());
        Custom(Status::new(code), ())
    }
    #[get("/maybe")]
    fn maybe(api: Maybe<Api<Op>>) -> Status {
        assert!(api.is_none());
        Status::Unauthorized
    }
    let app = app().mount("/", rocket::routes![page, optional, maybe]);
    let client = client(app).await;
    assert_eq!(header(&ask(&client, "/page").await, "Location"), [TO_LOGIN]);
    for (path, status) in [
        ("/optional/204", 204),
        ("/optional/303", 303),
        ("/optional/401", 401),
        ("/maybe", 401),
    ] {
        let response = ask(&client, path).await;
        assert_eq!(response.status().code, status);
        assert_eq!(header(&response, "Location"), [""; 0], "{path}");
    }
}

/// A less strict page below the same path would be shown instead of the login.
#[rocket::async_test]
async fn a_guard_that_needs_a_login_does_not_forward() {
    #[get("/<_..>", rank = 20)]
    fn any() -> &'static str {
        "any"
    }
    let client = client(app().mount("/", rocket::routes![page, any])).await;
    assert_eq!(header(&ask(&client, "/page").await, "Location"), [TO_LOGIN]);
}

/// A guard of the application's own that asks one of ours.
#[rocket::async_test]
async fn a_guard_around_a_guard_leads_to_the_login() {
    struct Member;
    #[rocket::async_trait]
    impl<'r> FromRequest<'r> for Member {
        type Error = Error;

        async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Error> {
            request.guard::<SignedIn<i64>>().await.map(|_| Self)
        }
    }
    #[get("/page")]
    fn page(_member: Member) {}
    let client = client(app().mount("/", rocket::routes![page])).await;
    assert_eq!(header(&ask(&client, "/page").await, "Location"), [TO_LOGIN]);
}

/// The catchers of the application make the pages of errors, wherever the error comes from, and no page of a login.
#[rocket::async_test]
async fn a_catcher_of_the_application_makes_the_page_of_an_error() {
    #[catch(default)]
    fn own_page(status: Status, _: &Request<'_>) -> (ContentType, String) {
        assert_eq!(status, Status::InternalServerError);
        (ContentType::Plain, "Our mistake.".to_owned())
    }
    #[get("/lost")]
    fn lost(visit: Visit) -> Result<String, Error> {
        Ok(format!("{:?}", visit.api("no-such")?))
    }
    struct NoDance;
    impl DanceName for NoDance {
        const NAME: &'static str = "no-such";
    }
    #[get("/misspelt")]
    fn misspelt(_api: Api<NoDance>) {}
    let app = app()
        .mount("/", rocket::routes![page, lost, misspelt])
        .register("/", catchers![own_page]);
    let client = client(app).await;
    for path in ["/lost", "/misspelt"] {
        let response = ask(&client, path).await;
        assert_eq!(response.status().code, 500, "{path}");
        let body = response.into_string().await;
        assert_eq!(body.as_deref(), Some("Our mistake."), "{path}");
    }
    assert_eq!(header(&ask(&client, "/page").await, "Location"), [TO_LOGIN]);
}

/// Rocket prefers the catcher of the longer path to that of a status.
#[rocket::async_test]
async fn a_catcher_below_a_path_does_not_hide_the_login() {
    #[catch(default)]
    fn own_page(_: Status, _: &Request<'_>) -> Result<&'static str, Status> {
        Ok("own")
    }
    let app = app()
        .mount("/", rocket::routes![page])
        .register("/page", catchers![own_page]);
    let client = client(app).await;
    let response = ask(&client, "/page").await;
    assert_eq!(header(&response, "Location"), [TO_LOGIN]);
    assert_eq!(response.into_string().await.unwrap_or_default(), "");
}

/// A fairing of the application that throws the page away, on either side of ours.
#[rocket::async_test]
async fn a_fairing_of_the_application_makes_the_page() {
    fn replace() -> AdHoc {
        AdHoc::on_response("replace", |_, page| {
            Box::pin(
                async move { *page = rocket::Response::build().status(Status::Gone).finalize() },
            )
        })
    }
    let dances = dances();
    let before = with_dances(rocket().attach(replace()), &dances);
    let after = with_dances(rocket(), &dances).attach(replace());
    for app in [before, after] {
        let client = client(app.mount("/", rocket::routes![page])).await;
        let response = ask(&client, "/page").await;
        assert_eq!(response.status(), Status::Gone);
        assert_eq!(header(&response, "Location"), [""; 0]);
    }
}

/// The name may come from a request, as it does here.
#[rocket::async_test]
async fn k07_a_dance_that_is_unknown_is_answered_without_a_word() {
    #[get("/<name>")]
    fn page(visit: Visit, name: &str) -> Result<(), Error> {
        visit.api(name)?;
        Ok(())
    }
    let client = client(app().mount("/", rocket::routes![page])).await;
    let response = ask(&client, "/the-attackers-text").await;
    assert_eq!(response.status().code, 500);
    let body = response.into_string().await.unwrap();
    assert!(!body.contains("attackers"), "{body}");
}

/// A page without a visit and a responder without the fairing: the browser comes to the login at least.
#[rocket::async_test]
async fn an_error_without_the_fairing_leads_to_the_login() {
    #[get("/page")]
    fn page(dances: &State<Dances>) -> Error {
        LoginRequired::new(dances.get("op").unwrap()).into()
    }
    let app = rocket().mount("/", rocket::routes![page]).manage(dances());
    let response = client(app).await;
    let response = ask(&response, "/page").await;
    assert_eq!(response.status(), Status::SeeOther);
    assert_eq!(
        header(&response, "Location"),
        ["http://127.0.0.1:8000/login/op"]
    );
}
