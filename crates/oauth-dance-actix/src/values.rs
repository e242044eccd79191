//! Values from middleware of the application to receivers, and back.

use actix_web::{HttpMessage, HttpResponse};

/// The extensions that receivers see.
#[derive(Clone, Default)]
pub(crate) struct Shared(pub(crate) http::Extensions);

/// Gives the receivers a value of this request. They read it by `login.extension::<T>()`, where `login` is
/// [`Authorized`](oauth_dance::Authorized), [`LoggedIn`](oauth_dance::LoggedIn) or another payload. A second value
/// of the same type takes the place of the first.
///
/// Values of the whole application are given once, by [`DancesBuilder::state`](oauth_dance::DancesBuilder::state).
///
/// ```
/// use actix_web::body::MessageBody;
/// use actix_web::dev::{ServiceRequest, ServiceResponse};
/// use actix_web::middleware::Next;
///
/// #[derive(Clone)]
/// struct Language(String);
///
/// /// For `wrap(from_fn(language))`.
/// async fn language<B: MessageBody>(
///     request: ServiceRequest,
///     next: Next<B>,
/// ) -> actix_web::Result<ServiceResponse<B>> {
///     oauth_dance_actix::share(&request, Language("en".to_owned()));
///     next.call(request).await
/// }
/// ```
pub fn share<T: Clone + Send + Sync + 'static>(request: &impl HttpMessage, value: T) {
    let mut extensions = request.extensions_mut();
    if let Some(Shared(shared)) = extensions.get_mut() {
        shared.insert(value);
    } else {
        let mut shared = Shared::default();
        shared.0.insert(value);
        extensions.insert(shared);
    }
}

/// Takes the value of this type that a receiver has handed over, by `login.hand_over(value)`, out of the response of
/// a dance's page. It is `None` if no receiver has handed one over, and for the second caller.
///
/// # A session of the application's own
///
/// A session of `actix-session` stays on its thread, so a receiver cannot write to it. The receiver hands over who has
/// signed in, and middleware writes it into the session. The session gets a new identifier first, so that a session
/// that was planted before the login is worth nothing after it. Its cookie is `SameSite::Lax`: a browser that comes
/// back from the provider sends no `Strict` cookie.
///
/// ```
/// use actix_session::{SessionExt as _, SessionMiddleware, storage::CookieSessionStore};
/// use actix_web::body::MessageBody;
/// use actix_web::cookie::{Key, SameSite};
/// use actix_web::dev::{ServiceRequest, ServiceResponse};
/// use actix_web::middleware::Next;
/// use oauth_dance::{Dance, LoggedIn, OAUTH_LOGGED_IN, receiver};
/// use oauth_dance_actix::handed_over;
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
/// async fn begin_session<B: MessageBody>(
///     request: ServiceRequest,
///     next: Next<B>,
/// ) -> actix_web::Result<ServiceResponse<B>> {
///     let session = request.get_session();
///     let mut response = next.call(request).await?;
///     if let Some(Newcomer(name)) = handed_over(response.response_mut()) {
///         session.renew();
///         session.insert("user", name)?;
///     }
///     Ok(response)
/// }
///
/// fn sessions(key: Key) -> SessionMiddleware<CookieSessionStore> {
///     SessionMiddleware::builder(CookieSessionStore::default(), key)
///         .cookie_same_site(SameSite::Lax)
///         .build()
/// }
/// # use actix_web::{App, middleware::from_fn};
/// # fn app(dances: oauth_dance::Dances, key: Key) {
/// // The session comes last: the middleware that is added last is called first.
/// let app = App::new()
///     .configure(oauth_dance_actix::routes(&dances))
///     .wrap(oauth_dance_actix::visits(&dances))
///     .wrap(from_fn(begin_session))
///     .wrap(sessions(key));
/// # }
/// ```
pub fn handed_over<T: Clone + Send + Sync + 'static>(
    response: &mut HttpResponse<impl Sized>,
) -> Option<T> {
    let mut extensions = response.extensions_mut();
    extensions.get_mut::<http::Extensions>()?.remove()
}
