//! The fairing that opens a visit for every request, and closes it on the response.

use std::collections::HashSet;

use oauth_dance::{Dances, leaf};
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::http::Status;
use rocket::http::ext::IntoOwned as _;
use rocket::{Build, Catcher, Data, Ignite, Request, Response, Rocket, catcher};

use crate::asked::Asked;
use crate::convert::{self, Beginning};
use crate::error::LOGIN_REQUIRED;
use crate::local::{Local, Opened};
use crate::route;

/// Returns the fairing that opens a visit for every request, for the request guards of this crate, and adds the
/// visit's cookies to the response. It is passed to `attach`.
///
/// If a handler asks for a login, the response is that of [`leaf::login_required`]: a redirect to the login,
/// after which the browser returns to the same address, or 401 for a script.
///
/// After a login that was refused, discarded or failed, the response is a small page with the status 403 instead:
/// until the browser begins another login at `/login/…`, and for ten minutes at most. The page of the guide on
/// [failures](oauth_dance::guide::failures) has the rule.
///
/// Rocket runs fairings in the order in which they are attached. Attach this one last: it has the last word on the
/// headers of a response then, and sees the URI that fairings before have normalized.
///
/// The fairing takes the query off the URI of a request for a page of a dance, because Rocket writes that URI to its log.
/// The dance has the query from the fairing. With the log level `debug` Rocket writes whole requests to its log, codes
/// and cookies included: that level is for development.
///
/// # Launch
///
/// Rocket does not launch an application in which a route has a guard of this crate and the fairing is missing. It does
/// not launch one either that mounts [`routes`](crate::routes()) where no browser can reach the pages. If the fairing
/// is attached twice, the later one counts.
pub fn fairing(dances: &Dances) -> VisitFairing {
    VisitFairing {
        dances: dances.clone(),
        paths: route::paths(dances),
    }
}

/// The fairing that [`fairing()`] returns.
#[derive(Debug, Clone)]
pub struct VisitFairing {
    dances: Dances,
    paths: HashSet<String>,
}

#[rocket::async_trait]
impl Fairing for VisitFairing {
    fn info(&self) -> Info {
        Info {
            name: "oauth-dance",
            kind: Kind::Ignite | Kind::Request | Kind::Response | Kind::Singleton,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        if let Some((path, base)) = route::out_of_reach(&self.dances, &rocket) {
            log::error!(
                "no browser can reach {path} where the routes of oauth-dance are mounted, at {base}: mount them at \
                 \"/\". `DancesBuilder::mount_at` puts a prefix before the paths"
            );
            return Err(rocket);
        }
        // Else the application's catcher for any status would make a page that no browser sees.
        let login_required = Catcher::new(LOGIN_REQUIRED.code, empty_page);
        Ok(rocket.manage(Attached).register("/", vec![login_required]))
    }

    async fn on_request(&self, request: &mut Request<'_>, data: &mut Data<'_>) {
        let Beginning { method, broke_off } = convert::beginning(request, data).await;
        let sent = convert::parts(request, method);
        Local::of(request).open(Opened {
            visit: self.dances.visit(&sent),
            request: sent,
            body_broke_off: broke_off,
        });
        // Rocket writes the URI of every request to its log, and the queries of these pages are for no log.
        if self.paths.contains(request.uri().path().as_str()) {
            let mut uri = request.uri().clone().into_owned();
            uri.clear_query();
            request.set_uri(uri);
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let local = Local::of(request);
        let Some(opened) = local.opened() else {
            return;
        };
        let mut page = convert::head(response);
        if let Some(carried) = local.take_carried(response.status()) {
            page.extensions = carried.extensions;
            for (name, value) in &carried.headers {
                page.headers.entry(name).or_insert_with(|| value.clone());
            }
        }
        let asked = Asked::of(request);
        let body = leaf::close(&opened.visit, asked.for_the_log(), &mut page).await;
        convert::put_head(response, &page);
        if let Some(body) = body {
            convert::set_body(response, body);
        }
    }
}

fn empty_page<'r>(status: Status, _: &'r Request<'_>) -> catcher::BoxFuture<'r> {
    let page = Response::build().status(status).ok();
    Box::pin(async move { page })
}

/// Says that the fairing is attached.
struct Attached;

/// Returns whether Rocket should not launch, because `guard` needs the fairing.
pub(crate) fn is_missing(guard: &str, rocket: &Rocket<Ignite>) -> bool {
    if rocket.state::<Attached>().is_some() {
        return false;
    }
    log::error!(
        "a route takes `{guard}` of oauth_dance_rocket: call `.attach(oauth_dance_rocket::fairing(&dances))`"
    );
    true
}
