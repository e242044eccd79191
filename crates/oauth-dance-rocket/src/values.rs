//! Values from the application to receivers.

use rocket::Request;

use crate::local::Local;

/// Gives the receivers a value of this request. They read it by `login.extension::<T>()`, where `login` is
/// [`Authorized`](oauth_dance::Authorized), [`LoggedIn`](oauth_dance::LoggedIn) or another payload. A second value
/// of the same type takes the place of the first.
///
/// Values of the whole application are given once, by [`DancesBuilder::state`](oauth_dance::DancesBuilder::state). The
/// way back is [`Routes::handed_over`](crate::Routes::handed_over).
///
/// ```
/// use oauth_dance_rocket::share;
/// use rocket::fairing::AdHoc;
///
/// #[derive(Clone)]
/// struct Language(String);
///
/// let language = AdHoc::on_request("language", |request, _| {
///     Box::pin(async move { share(request, Language("en".to_owned())) })
/// });
/// # let _ = rocket::build().attach(language);
/// ```
pub fn share<T: Clone + Send + Sync + 'static>(request: &Request<'_>, value: T) {
    Local::of(request).share(value);
}
