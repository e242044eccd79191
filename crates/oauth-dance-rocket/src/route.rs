//! The dance's own pages as routes of Rocket.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{Extensions, StatusCode};
use oauth_dance::{Dances, leaf};
use rocket::data::ToByteUnit as _;
use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome};
use rocket::tokio::time::timeout;
use rocket::{Build, Data, Request, Response, Rocket, Route};

use crate::convert::{self, Beginning};
use crate::local::Local;

/// No function has this name, so no route of the application has it.
const NAME: &str = "oauth-dance";

/// Rocket gives its routes -12 to -1.
const BEFORE_ALL_OTHERS: isize = -100;

/// Returns the routes of all dances, for `mount`.
///
/// ```
/// # fn example(dances: oauth_dance::Dances) -> rocket::Rocket<rocket::Build> {
/// rocket::build()
///     .mount("/", oauth_dance_rocket::routes(&dances))
///     .attach(oauth_dance_rocket::fairing(&dances))
/// # }
/// ```
///
/// The paths of the dances are whole paths: [`mount_at`](oauth_dance::DancesBuilder::mount_at) puts a prefix before
/// them, and `mount` does not. So `mount("/auth", routes(&dances))` has the pages of dances that are mounted at `/auth`,
/// and of no others. A path with a slash at its end is another path.
///
/// Rocket shows one route for each method. It takes the paths of the dances alone, before routes of the application.
/// All other requests go on to those.
pub fn routes(dances: &Dances) -> Routes {
    Routes(Pages {
        dances: dances.clone(),
        paths: Arc::new(paths(dances)),
        hooks: Vec::new(),
    })
}

/// The routes that [`routes`] returns.
#[derive(Debug, Clone)]
pub struct Routes(Pages);

impl Routes {
    /// Adds a hook for values of one type, which receivers hand over by `login.hand_over(value)`. It is called before a
    /// page of a dance is answered, where the application's cookies and the response can still be changed. If no
    /// receiver has handed over a value of this type, it is not called.
    ///
    /// # A session of the application's own
    ///
    /// The receiver hands over who has signed in, and the hook puts it into a private cookie. The value of the cookie
    /// is encrypted anew, so that a cookie that was planted before the login is worth nothing after it. Rocket's
    /// default is `SameSite::Strict`: a browser that comes back from the provider would not send the cookie, and the
    /// page would take its user for a stranger.
    ///
    /// ```
    /// use oauth_dance::{Dance, Dances, LoggedIn, OAUTH_LOGGED_IN, receiver};
    /// use oauth_dance_rocket::{fairing, routes};
    /// use rocket::http::{Cookie, CookieJar, SameSite};
    /// use rocket::{Build, Request, Response, Rocket};
    ///
    /// /// Who has signed in.
    /// #[derive(Clone)]
    /// struct Newcomer(String);
    ///
    /// #[receiver(OAUTH_LOGGED_IN)]
    /// fn welcome(_: &Dance, login: &LoggedIn) -> Result<(), oauth_dance::Missing> {
    ///     let name = login.require_identity()?.display_name();
    ///     login.hand_over(Newcomer(name.to_owned()));
    ///     Ok(())
    /// }
    ///
    /// fn begin_session(Newcomer(name): Newcomer, request: &Request<'_>, _: &mut Response<'_>) {
    ///     let session = Cookie::build(("user", name)).same_site(SameSite::Lax).secure(true);
    ///     request.cookies().add_private(session);
    /// }
    ///
    /// #[rocket::get("/account")]
    /// fn account(cookies: &CookieJar<'_>) -> String {
    ///     match cookies.get_private("user") {
    ///         Some(user) => format!("Hello, {}!", user.value()),
    ///         None => "Hello, stranger!".to_owned(),
    ///     }
    /// }
    ///
    /// fn app(dances: &Dances) -> Rocket<Build> {
    ///     rocket::build()
    ///         .mount("/", rocket::routes![account])
    ///         .mount("/", routes(dances).handed_over(begin_session))
    ///         .attach(fairing(dances))
    /// }
    /// ```
    ///
    /// Private cookies need the feature `secrets` of Rocket and, in release builds, a `secret_key` in its configuration.
    #[must_use]
    pub fn handed_over<T: Clone + Send + Sync + 'static>(
        mut self,
        hook: impl Fn(T, &Request<'_>, &mut Response<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.0.hooks.push(Arc::new(
            move |values: &mut Extensions, request: &Request<'_>, response: &mut Response<'_>| {
                if let Some(value) = values.remove() {
                    hook(value, request, response);
                }
            },
        ));
        self
    }
}

impl From<Routes> for Vec<Route> {
    fn from(Routes(pages): Routes) -> Self {
        use Method::{Connect, Delete, Get, Head, Options, Patch, Post, Put, Trace};
        [Get, Put, Post, Delete, Options, Head, Trace, Connect, Patch]
            .map(|method| {
                let pages = pages.clone();
                let mut route =
                    Route::ranked(BEFORE_ALL_OTHERS, method, "/<page_of_a_dance..>", pages);
                route.name = Some(NAME.into());
                route
            })
            .into()
    }
}

pub(crate) fn paths(dances: &Dances) -> HashSet<String> {
    leaf::paths(dances).collect()
}

pub(crate) fn is_ours(route: &Route) -> bool {
    route.name.as_deref() == Some(NAME)
}

/// A path of the dances that is not below the place where their routes are mounted, and that place.
pub(crate) fn out_of_reach(dances: &Dances, rocket: &Rocket<Build>) -> Option<(String, String)> {
    rocket
        .routes()
        .filter(|route| is_ours(route))
        .find_map(|route| {
            let base = route.uri.base();
            let path = leaf::paths(dances).find(|path| !is_below(base, path))?;
            Some((path, base.to_owned()))
        })
}

fn is_below(base: &str, path: &str) -> bool {
    let rest = path.strip_prefix(base.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.starts_with('/'))
}

type Hook = Arc<dyn Fn(&mut Extensions, &Request<'_>, &mut Response<'_>) + Send + Sync>;

#[derive(Clone)]
struct Pages {
    dances: Dances,
    paths: Arc<HashSet<String>>,
    hooks: Vec<Hook>,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("dances", &self.dances)
            .finish_non_exhaustive()
    }
}

#[rocket::async_trait]
impl Handler for Pages {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        // The path as it was sent. Rocket would compare its segments with escapes resolved.
        if !self.paths.contains(request.uri().path().as_str()) {
            return Outcome::Forward((data, Status::NotFound));
        }
        let mut page = self.page(request, data).await;
        let mut values = std::mem::take(page.extensions_mut());
        let mut page = convert::response(page);
        for hook in &self.hooks {
            hook(&mut values, request, &mut page);
        }
        leave_to_the_fairing(&mut page, request);
        Outcome::Success(page)
    }
}

/// Takes off a header that the fairing puts on again. By then Rocket's `Shield` has set its own of that name, and warns
/// of no page that has it.
fn leave_to_the_fairing(page: &mut Response<'_>, request: &Request<'_>) {
    let local = Local::of(request);
    if local.opened().is_some() {
        let mut head = convert::head(page);
        let value = head.headers.remove(X_CONTENT_TYPE_OPTIONS);
        head.headers = value
            .map(|value| (X_CONTENT_TYPE_OPTIONS, value))
            .into_iter()
            .collect();
        page.remove_header(X_CONTENT_TYPE_OPTIONS.as_str());
        local.carry(page.status(), head);
    }
}

impl Pages {
    async fn page(
        &self,
        request: &Request<'_>,
        mut data: Data<'_>,
    ) -> http::Response<bytes::Bytes> {
        let local = Local::of(request);
        let opened = local.opened();
        let (mut parts, broke_off) = match &opened {
            Some(opened) => (opened.request.clone(), opened.body_broke_off),
            None => {
                let Beginning { method, broke_off } = convert::beginning(request, &mut data).await;
                (convert::parts(request, method), broke_off)
            }
        };
        if let Some(response) = leaf::wrong_method(&self.dances, &parts.method, parts.uri.path()) {
            return response;
        }
        if broke_off {
            return leaf::unreadable(&self.dances, StatusCode::BAD_REQUEST);
        }
        parts.extensions = local.shared();
        if let Some(opened) = opened {
            parts.extensions.insert(opened.visit.clone());
        }
        let body = data.open(leaf::MAX_BODY_BYTES.bytes()).into_bytes();
        let status = match timeout(leaf::BODY_DEADLINE, body).await {
            Ok(Ok(body)) if body.is_complete() => {
                let request = http::Request::from_parts(parts, body.into_inner().into());
                return self.dances.handle(request).await;
            }
            Ok(Ok(_)) => StatusCode::PAYLOAD_TOO_LARGE,
            Ok(Err(_)) => StatusCode::BAD_REQUEST,
            Err(_) => StatusCode::REQUEST_TIMEOUT,
        };
        leaf::unreadable(&self.dances, status)
    }
}
