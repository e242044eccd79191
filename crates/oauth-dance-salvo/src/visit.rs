//! The middleware that opens a visit for every request, and closes it on the response.

use async_trait::async_trait;
use oauth_dance::{Dances, leaf};
use salvo_core::http::ResBody;
use salvo_core::{Depot, FlowCtrl, Handler, Request, Response};

use crate::convert::{self, Asked};

/// Returns a hoop that opens a visit for every request, for the extractors of this crate, and adds the visit's cookies
/// to the response.
///
/// If a handler asks for a login, the response is that of [`leaf::login_required`]: a redirect to the login,
/// after which the browser returns to the same address, or 401 for a script.
///
/// After a login that was refused, discarded or failed, the response is a small page with the status 403 instead:
/// until the browser begins another login at `/login/…`, and for ten minutes at most. The page of the guide on
/// [failures](oauth_dance::guide::failures) has the rule.
#[must_use]
pub fn visits(dances: &Dances) -> Visits {
    Visits {
        dances: dances.clone(),
    }
}

/// The hoop that [`visits`] returns.
#[derive(Debug, Clone)]
pub struct Visits {
    dances: Dances,
}

#[async_trait]
impl Handler for Visits {
    async fn handle(
        &self,
        request: &mut Request,
        depot: &mut Depot,
        page: &mut Response,
        ctrl: &mut FlowCtrl,
    ) {
        let visit = self.dances.visit(&convert::head(request));
        let asked = Asked::of(request);
        request.extensions_mut().insert(visit.clone());
        ctrl.call_next(request, depot, page).await;

        let mut head = convert::take_head(page);
        let login = leaf::close(&visit, asked.for_the_log(), &mut head).await;
        convert::put_head(page, head);
        if let Some(login) = login {
            page.body = ResBody::Once(login);
        }
    }
}
