//! A field `_method` of a form, by which Rocket gives a POST another method: a form on another site may have it.

mod support;

use oauth_dance_rocket::{Api, Error, Visit, fairing, routes};
use rocket::http::{Accept, ContentType, Header, Status};
use rocket::local::asynchronous::{Client, LocalResponse};
use rocket::{delete, get};

use crate::support::{Op, dances, rocket};

async fn app() -> Client {
    let dances = dances();
    let app = rocket()
        .mount("/", rocket::routes![page, goodbye, gone])
        .mount("/", routes(&dances))
        .attach(fairing(&dances));
    Client::untracked(app).await.unwrap()
}

#[get("/page")]
fn page(_api: Api<Op>) {}

/// A mistake: a GET that changes something.
#[get("/goodbye")]
async fn goodbye(visit: Visit) -> Result<(), Error> {
    Ok(visit.sign_out().await?)
}

#[delete("/session")]
async fn gone(visit: Visit) -> Result<(), Error> {
    Ok(visit.sign_out().await?)
}

async fn post<'c>(client: &'c Client, path: &'c str, body: &str, site: &str) -> LocalResponse<'c> {
    let request = client
        .post(path)
        .header(ContentType::Form)
        .header(Accept::HTML)
        .header(Header::new("Sec-Fetch-Site", site.to_owned()));
    request.body(body).dispatch().await
}

const FORMS: [&str; 6] = [
    "_method=get",
    "_method=GET&next=%2F",
    "&_method=get",
    "&&_method=get",
    "_method=head",
    "_method[a]=get",
];

#[rocket::async_test]
async fn a21_a_form_that_names_get_begins_no_login() {
    let client = app().await;
    for form in FORMS {
        let response = post(&client, "/login/op", form, "cross-site").await;
        assert_eq!(response.status(), Status::MethodNotAllowed, "{form}");
        assert_eq!(response.headers().get_one("Set-Cookie"), None, "{form}");
    }
}

#[rocket::async_test]
async fn a21_a_form_that_names_get_begins_no_login_without_the_fairing() {
    let app = rocket().mount("/", routes(&dances()));
    let client = Client::untracked(app).await.unwrap();
    for form in FORMS {
        let response = post(&client, "/login/op", form, "cross-site").await;
        assert_eq!(response.status(), Status::MethodNotAllowed, "{form}");
    }
}

#[rocket::async_test]
async fn a21_a_form_that_names_get_finishes_no_login() {
    let client = app().await;
    let callback = "/login/op/authorized?code=a-code&state=a-state";
    for form in FORMS {
        let response = post(&client, callback, form, "cross-site").await;
        assert_eq!(response.status(), Status::MethodNotAllowed, "{form}");
    }
}

/// The browser would repeat by GET what it has sent by POST.
#[rocket::async_test]
async fn a21_a_page_that_a_form_asks_for_is_not_come_back_to() {
    let client = app().await;
    let response = post(&client, "/page", "_method=get", "same-origin").await;
    assert_eq!(response.status(), Status::SeeOther);
    let login = response.headers().get_one("Location");
    assert_eq!(login, Some("http://127.0.0.1:8000/login/op"));
}

#[rocket::async_test]
async fn i12_a_form_of_another_site_that_names_a_method_signs_nobody_out() {
    let client = app().await;
    let response = post(&client, "/session", "_method=delete", "cross-site").await;
    assert_eq!(response.status(), Status::Forbidden);
    let response = post(&client, "/goodbye", "_method=get", "cross-site").await;
    assert_eq!(response.status(), Status::Forbidden);
}

#[rocket::async_test]
async fn a_form_of_the_application_that_names_a_method_signs_out() {
    let client = app().await;
    let response = post(&client, "/session", "_method=delete", "same-origin").await;
    assert_eq!(response.status(), Status::Ok);
}

#[rocket::async_test]
async fn i12_a_get_signs_nobody_out() {
    let client = app().await;
    let response = client.get("/goodbye").dispatch().await;
    assert_eq!(response.status(), Status::MethodNotAllowed);
    assert_eq!(response.headers().get_one("Allow"), Some("POST"));
}

/// The pages of the dances go by the method that was sent.
#[rocket::async_test]
async fn a_logout_whose_form_names_a_method_is_a_logout() {
    let client = app().await;
    let response = post(&client, "/logout/op", "_method=put", "same-origin").await;
    assert_eq!(response.status(), Status::SeeOther);
}
