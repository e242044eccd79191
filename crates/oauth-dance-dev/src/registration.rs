//! Who is known to the provider: the applications that may ask, and the people who may sign in.

use std::fmt;

use serde_json::{Map, Value};

use crate::secret::random_token;

/// An application registered at the provider.
///
/// ```
/// use oauth_dance_dev::ClientRegistration;
///
/// let client = ClientRegistration::new("my-app", "my-secret")
///     .name("My app")
///     .redirect_uri("http://127.0.0.1:3000/login/dev/authorized");
/// # let _ = client;
/// ```
#[derive(Clone)]
pub struct ClientRegistration {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
    /// Whether every redirect URI will do.
    pub(crate) any_redirect_uri: bool,
}

impl ClientRegistration {
    /// Returns a confidential client. It proves itself with a secret, by `client_secret_basic` or
    /// `client_secret_post`.
    #[must_use]
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            secret: Some(secret.into()),
            ..Self::public(id)
        }
    }

    /// Returns a public client. It has no secret and names itself by `client_id` alone.
    #[must_use]
    pub fn public(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            name: None,
            redirect_uris: Vec::new(),
            any_redirect_uri: false,
        }
    }

    /// An application of which nothing is known, under an identifier that no other has.
    pub(crate) fn anonymous(is_public: bool) -> Self {
        Self {
            secret: (!is_public).then(random_token),
            name: Some("The application".to_owned()),
            any_redirect_uri: true,
            ..Self::public(format!("app-{}", random_token()))
        }
    }

    /// Sets the name that the consent page shows. The default is the identifier.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds a redirect URI. A request must name it exactly, byte for byte (RFC 9700 §2.1).
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    pub(crate) fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

impl fmt::Debug for ClientRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientRegistration")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("redirect_uris", &self.redirect_uris)
            .finish_non_exhaustive()
    }
}

/// A person with an account at the provider.
///
/// ```
/// use oauth_dance_dev::Person;
///
/// let ada = Person::new("ada")
///     .name("Ada Lovelace")
///     .email("ada@example.com")
///     .note("The engine weaves algebraical patterns.");
/// # let _ = ada;
/// ```
#[derive(Clone)]
pub struct Person {
    pub(crate) username: String,
    pub(crate) subject: String,
    pub(crate) password: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) notes: Vec<String>,
    pub(crate) claims: Map<String, Value>,
}

impl Person {
    /// Returns a person who signs in by typing this name, without a password. The claim `sub` is
    /// `dev-{username}`.
    #[must_use]
    pub fn new(username: impl Into<String>) -> Self {
        let username = username.into();
        Self {
            subject: format!("dev-{username}"),
            username,
            password: None,
            name: None,
            email: None,
            email_verified: true,
            notes: Vec::new(),
            claims: Map::new(),
        }
    }

    /// Requires this password at the login form.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sets the claim `sub`. The default is `dev-{username}`.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// Sets the full name: the claim `name`, shown with the scope `profile`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets a verified e-mail address: the claims `email` and `email_verified`, shown with the scope
    /// `email`.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self.email_verified = true;
        self
    }

    /// Sets an e-mail address that the provider has not verified.
    #[must_use]
    pub fn unverified_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self.email_verified = false;
        self
    }

    /// Adds a note to the response of `GET /api/notes`.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds a claim, shown with the scope `profile`.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    pub(crate) fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.username)
    }

    /// The claims these scopes show. `sub` is always among them.
    pub(crate) fn claims_for(&self, scopes: &[String]) -> Map<String, Value> {
        let granted = |scope: &str| scopes.iter().any(|known| known == scope);
        let mut claims = Map::new();
        claims.insert("sub".to_owned(), self.subject.clone().into());
        if granted("profile") {
            claims.insert(
                "preferred_username".to_owned(),
                self.username.clone().into(),
            );
            if let Some(name) = &self.name {
                claims.insert("name".to_owned(), name.clone().into());
            }
            claims.extend(self.claims.clone());
        }
        if granted("email")
            && let Some(email) = &self.email
        {
            claims.insert("email".to_owned(), email.clone().into());
            claims.insert("email_verified".to_owned(), self.email_verified.into());
        }
        claims
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("username", &self.username)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}
