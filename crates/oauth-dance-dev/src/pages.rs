//! The pages a person sees. Their markup is in `pages/`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue, X_FRAME_OPTIONS};

use crate::answer::{Answer, answer, plain};
use crate::html::Html;
use crate::provider::{Inner, ScopeDescription};
use crate::registration::{ClientRegistration, Person};
use crate::request::{AuthorizationRequest, Parameters};
use crate::secret::fingerprint;

/// The hidden fields that tie a form to a request and to the browser it was shown to.
pub(crate) struct FormKeys<'a> {
    /// Which open request the form decides.
    pub(crate) ticket: &'a str,
    /// Proof that this browser was shown the form.
    pub(crate) csrf: &'a str,
}

/// The login form, with what was wrong about the last try.
pub(crate) fn login(
    provider: &Inner,
    request: &AuthorizationRequest,
    keys: &FormKeys<'_>,
    problem: Option<&str>,
) -> Answer {
    let password = if provider.has_passwords() {
        Html::fill(include_str!("pages/login_password.html"), &[])
    } else {
        Html::default()
    };
    let without: Vec<&Person> = provider
        .people
        .iter()
        .filter(|person| person.password.is_none())
        .collect();
    let shortcuts = if without.is_empty() {
        Html::default()
    } else {
        let people = without.iter().map(|person| {
            Html::fill(
                include_str!("pages/login_person.html"),
                &[
                    ("username", Html::text(&person.username)),
                    ("name", Html::text(person.display_name())),
                ],
            )
        });
        Html::fill(
            include_str!("pages/login_shortcuts.html"),
            &[
                ("request", Html::text(keys.ticket)),
                ("csrf", Html::text(keys.csrf)),
                ("people", Html::concat(people)),
            ],
        )
    };
    let problem_html = problem.map_or_else(Html::default, |problem| {
        Html::fill(
            "<p class=\"problem\" id=\"problem\">{{problem}}</p>",
            &[("problem", Html::text(problem))],
        )
    });
    let content = Html::fill(
        include_str!("pages/login.html"),
        &[
            ("client", Html::text(&request.client_name)),
            ("problem", problem_html),
            ("request", Html::text(keys.ticket)),
            ("csrf", Html::text(keys.csrf)),
            ("password", password),
            ("shortcuts", shortcuts),
        ],
    );
    let status = if problem.is_some() {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::OK
    };
    page(status, "login", "Sign in", content)
}

/// The consent form: one checkbox per requested scope.
pub(crate) fn consent(
    provider: &Inner,
    request: &AuthorizationRequest,
    person: &Person,
    keys: &FormKeys<'_>,
) -> Answer {
    let scopes = request.scopes.iter().map(|scope| {
        let description = provider
            .scopes
            .iter()
            .find(|known| known.name == *scope)
            .map_or(scope.as_str(), |known| known.description.as_str());
        Html::fill(
            include_str!("pages/consent_scope.html"),
            &[
                ("scope", Html::text(scope)),
                ("description", Html::text(description)),
            ],
        )
    });
    let content = Html::fill(
        include_str!("pages/consent.html"),
        &[
            ("client", Html::text(&request.client_name)),
            ("person", Html::text(person.display_name())),
            ("request", Html::text(keys.ticket)),
            ("csrf", Html::text(keys.csrf)),
            ("scopes", Html::concat(scopes)),
            ("redirect_uri", Html::text(&request.back.redirect_uri)),
        ],
    );
    page(StatusCode::OK, "consent", "Allow access", content)
}

/// The answer on its way back as a form, which scripts post at once and people without scripts post
/// with a click.
pub(crate) fn form_post(redirect_uri: &str, answer: &Parameters) -> Answer {
    let fields = answer.iter().map(|(name, value)| {
        Html::fill(
            "<input type=\"hidden\" name=\"{{name}}\" value=\"{{value}}\">",
            &[("name", Html::text(name)), ("value", Html::text(value))],
        )
    });
    let content = Html::fill(
        include_str!("pages/form_post.html"),
        &[
            ("redirect_uri", Html::text(redirect_uri)),
            ("fields", Html::concat(fields)),
            ("script", Html::fill(SUBMIT, &[])),
        ],
    );
    page(
        StatusCode::OK,
        "form-post",
        "Back to the application",
        content,
    )
}

/// What is wrong, when it must not be told to the application.
pub(crate) fn problem(problem: &str) -> Answer {
    let content = Html::fill(
        include_str!("pages/problem.html"),
        &[("problem", Html::text(problem))],
    );
    page(StatusCode::BAD_REQUEST, "problem", "Problem", content)
}

/// The front page.
pub(crate) fn home(provider: &Inner, issuer: &str) -> Answer {
    let list = |words: Vec<&str>| Html::text(&words.join(", "));
    let content = Html::fill(
        include_str!("pages/home.html"),
        &[
            ("issuer", Html::text(issuer)),
            (
                "scopes",
                list(provider.scopes.iter().map(ScopeDescription::name).collect()),
            ),
            (
                "people",
                list(provider.people.iter().map(Person::display_name).collect()),
            ),
            (
                "clients",
                list(
                    provider
                        .clients
                        .iter()
                        .map(ClientRegistration::display_name)
                        .collect(),
                ),
            ),
        ],
    );
    page(StatusCode::OK, "home", "Home", content)
}

const STYLE: &str = include_str!("pages/style.css");
const SUBMIT: &str = "document.getElementById('response').submit();";

fn page(status: StatusCode, name: &str, title: &str, content: Html) -> Answer {
    let style = Html::fill(STYLE, &[]);
    let (style_hash, script_hash) = (
        STANDARD.encode(fingerprint(STYLE)),
        STANDARD.encode(fingerprint(SUBMIT)),
    );
    let html = Html::fill(
        include_str!("pages/layout.html"),
        &[
            ("title", Html::text(title)),
            ("page", Html::text(name)),
            ("style", style),
            ("content", content),
        ],
    );
    // No `form-action`: browsers apply it to the redirect that follows a form as well, and that
    // redirect leads to the application.
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let Ok(policy) = HeaderValue::try_from(policy) else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "The page has no policy.");
    };
    let mut answer = answer(status, "text/html; charset=utf-8", html.into_string());
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    answer
}
