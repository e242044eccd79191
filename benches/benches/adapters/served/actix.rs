//! actix-web.

use std::net::TcpListener;

use actix_web::{App, HttpServer, web};
use oauth_dance::Dances;
use oauth_dance_actix::{Error, Visit, routes, visits};

use crate::dances::{self, PLAIN};

pub(super) fn serve(listener: TcpListener, dances: &Dances) {
    let dances = dances.clone();
    let app = move || {
        App::new()
            .configure(routes(&dances))
            .wrap(visits(&dances))
            .route("/welcome", web::get().to(welcome))
            .route("/plain", web::get().to(async || PLAIN))
    };
    let served = actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(app).listen(listener).expect("a listener");
        server.run().await
    });
    served.expect("it serves");
}

async fn welcome(Visit(visit): Visit) -> Result<String, Error> {
    Ok(dances::welcome(&visit).await?)
}
