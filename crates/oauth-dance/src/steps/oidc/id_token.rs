//! Checks the claims of a verified ID token (OpenID Connect Core §3.1.3.7) against what this login expects.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::steps::jose::verify::Signed;
use crate::steps::oidc::claims::{all_shown, audience, required, shown, text, time};
use crate::steps::oidc::id_token_error::IdTokenError;
use crate::values::algorithm::{Algorithm, Hash};
use crate::values::json;
use crate::values::owner::is_blank;
use crate::values::secret::AccessToken;
use crate::values::time::Timestamp;

/// How far the clocks of provider and application may differ, unless the application says otherwise.
pub(crate) const SKEW: Duration = Duration::from_secs(60);

/// The oldest ID token that a login takes: a fresh one was requested.
const MAX_TOKEN_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest subject (OpenID Connect Core §2).
const MAX_SUBJECT_BYTES: usize = 255;

/// What an ID token has to say.
pub(crate) struct Expected<'e> {
    pub(crate) issuer: &'e str,
    pub(crate) client_id: &'e str,
    /// Audiences besides the client that the application trusts.
    pub(crate) other_audiences: &'e [String],
    pub(crate) nonce: Nonce<'e>,
    /// The access token that came with the ID token.
    pub(crate) access_token: Option<&'e AccessToken>,
    /// The longest time since the user signed in at the provider, if one was asked for.
    pub(crate) max_age: Option<Duration>,
    /// The authentication classes of which one was asked for, or none.
    pub(crate) acr_values: &'e [String],
    pub(crate) now: Timestamp,
    pub(crate) skew: Duration,
}

/// Which nonce an ID token has to have.
#[derive(Clone, Copy)]
pub(crate) enum Nonce<'e> {
    /// That of the login.
    OfLogin(&'e str),
    /// Any or none: the ID token came with a refreshed token (OpenID Connect Core §12.2).
    OfRefresh,
}

/// An ID token that has passed every check. Only [`check`] makes one. `Debug` does not print the claims.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct IdToken {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audience: Vec<String>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) auth_time: Option<Timestamp>,
    pub(crate) acr: Option<String>,
    pub(crate) claims: Map<String, Value>,
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken")
            .field("issuer", &self.issuer)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Checks the claims of an ID token.
///
/// # Errors
///
/// [`IdTokenError`], by the first check that failed.
pub(crate) fn check(signed: &Signed, expected: &Expected<'_>) -> Result<IdToken, IdTokenError> {
    // RFC 8725 §3.11: `at+jwt`, `logout+jwt` and others are signed by the same keys.
    if let Some(typ) = signed.typ().filter(|typ| *typ != "jwt") {
        let received = shown(typ);
        return Err(IdTokenError::Typ { received });
    }
    let claims = json::object(signed.payload()).map_err(IdTokenError::Json)?;
    // Logout tokens need not have a type (OpenID Connect Back-Channel Logout §2.4).
    if claims.contains_key("events") {
        return Err(IdTokenError::Event);
    }
    let issuer = issuer(&claims, expected)?;
    let audience = for_us(&claims, expected)?;
    let subject = subject(&claims)?;
    let (issued_at, expires_at) = lifetime(&claims, expected)?;
    nonce(&claims, expected.nonce)?;
    access_token_hash(&claims, signed.algorithm(), expected.access_token)?;
    let auth_time = sign_in(&claims, expected)?;
    let acr = authentication_class(&claims, expected.acr_values)?;
    Ok(IdToken {
        issuer,
        subject,
        audience,
        issued_at,
        expires_at,
        auth_time,
        acr,
        claims,
    })
}

fn issuer(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<String, IdTokenError> {
    let received = required(text(claims, "iss")?, "iss")?;
    if received != expected.issuer {
        return Err(IdTokenError::Issuer {
            expected: expected.issuer.to_owned(),
            received: shown(received),
        });
    }
    Ok(received.to_owned())
}

fn for_us(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<Vec<String>, IdTokenError> {
    let audience = audience(claims)?;
    let us = expected.client_id;
    if !audience.iter().any(|one| one == us) {
        return Err(IdTokenError::Audience {
            expected: us.to_owned(),
            received: all_shown(&audience),
        });
    }
    let is_other = |one: &&String| *one != us && !expected.other_audiences.contains(one);
    let others = all_shown(audience.iter().filter(is_other));
    if !others.is_empty() {
        return Err(IdTokenError::OtherAudiences { others });
    }
    match text(claims, "azp")? {
        Some(received) if received != us => Err(IdTokenError::AuthorizedParty {
            expected: us.to_owned(),
            received: shown(received),
        }),
        _ => Ok(audience),
    }
}

fn subject(claims: &Map<String, Value>) -> Result<String, IdTokenError> {
    let subject = required(text(claims, "sub")?, "sub")?;
    let bytes = subject.len();
    if is_blank(subject) {
        Err(IdTokenError::EmptySubject)
    } else if bytes > MAX_SUBJECT_BYTES {
        Err(IdTokenError::LongSubject { bytes })
    } else if !subject.is_ascii() {
        Err(IdTokenError::SubjectNotAscii)
    } else {
        Ok(subject.to_owned())
    }
}

/// Returns when the token was issued, and when it expires.
fn lifetime(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<(Timestamp, Timestamp), IdTokenError> {
    let now = expected.now;
    let latest = now.plus(expected.skew);
    let skew = expected.skew.as_secs();
    let issued_at = required(time(claims, "iat")?, "iat")?;
    let expires_at = required(time(claims, "exp")?, "exp")?;
    if now >= expires_at.plus(expected.skew) {
        let seconds = now.since(expires_at).as_secs();
        return Err(IdTokenError::Expired { seconds, skew });
    }
    if issued_at > latest {
        let seconds = issued_at.since(now).as_secs();
        return Err(IdTokenError::IssuedLater { seconds, skew });
    }
    if now.since(issued_at) > MAX_TOKEN_AGE {
        let seconds = now.since(issued_at).as_secs();
        return Err(IdTokenError::IssuedLongAgo { seconds });
    }
    if expires_at <= issued_at {
        return Err(IdTokenError::NoLifetime);
    }
    match time(claims, "nbf")? {
        Some(not_before) if not_before > latest => {
            let seconds = not_before.since(now).as_secs();
            Err(IdTokenError::NotYet { seconds, skew })
        }
        _ => Ok((issued_at, expires_at)),
    }
}

fn nonce(claims: &Map<String, Value>, expected: Nonce<'_>) -> Result<(), IdTokenError> {
    let received = text(claims, "nonce")?;
    let Nonce::OfLogin(nonce) = expected else {
        return Ok(());
    };
    // An empty nonce would fit a login that has lost its own.
    if required(received, "nonce")? != nonce || nonce.is_empty() {
        return Err(IdTokenError::Nonce);
    }
    Ok(())
}

/// OpenID Connect Core §3.1.3.6: the left half of the hash that the algorithm is computed with.
fn access_token_hash(
    claims: &Map<String, Value>,
    algorithm: Algorithm,
    access_token: Option<&AccessToken>,
) -> Result<(), IdTokenError> {
    let (Some(received), Some(token)) = (text(claims, "at_hash")?, access_token) else {
        return Ok(());
    };
    if received != half_hash(algorithm, token.secret()) {
        return Err(IdTokenError::AccessTokenHash { algorithm });
    }
    Ok(())
}

fn half_hash(algorithm: Algorithm, text: &str) -> String {
    let hash = match algorithm.hash() {
        Hash::Sha256 => Sha256::digest(text).to_vec(),
        Hash::Sha384 => Sha384::digest(text).to_vec(),
        Hash::Sha512 => Sha512::digest(text).to_vec(),
    };
    URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
}

/// Returns when the user signed in at the provider.
fn sign_in(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<Option<Timestamp>, IdTokenError> {
    let auth_time = time(claims, "auth_time")?;
    let Some(max_age) = expected.max_age else {
        return Ok(auth_time);
    };
    let now = expected.now;
    let signed_in = required(auth_time, "auth_time")?;
    if signed_in > now.plus(expected.skew) {
        let seconds = signed_in.since(now).as_secs();
        return Err(IdTokenError::LaterSignIn { seconds });
    }
    if now.since(signed_in) > max_age.saturating_add(expected.skew) {
        return Err(IdTokenError::OldSignIn {
            seconds: now.since(signed_in).as_secs(),
            max_age: max_age.as_secs(),
        });
    }
    Ok(auth_time)
}

fn authentication_class(
    claims: &Map<String, Value>,
    asked: &[String],
) -> Result<Option<String>, IdTokenError> {
    let received = text(claims, "acr")?.map(str::to_owned);
    if asked.is_empty() {
        return Ok(received);
    }
    let received = required(received, "acr")?;
    if !asked.contains(&received) {
        return Err(IdTokenError::AuthenticationClass {
            expected: all_shown(asked),
            received: shown(&received),
        });
    }
    Ok(Some(received))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::values::json::JsonError;

    const NOW: u64 = 1_700_000_000;
    const ISSUER: &str = "https://op.test/a";
    const AT: &str = "an-access-token";

    fn claims() -> Map<String, Value> {
        match json!({
            "iss": ISSUER, "aud": "us", "sub": "ada", "iat": NOW, "exp": NOW + 300, "nonce": "n",
        }) {
            Value::Object(claims) => claims,
            _ => unreachable!(),
        }
    }

    /// Good claims with one more or another one.
    fn with(name: &str, value: Value) -> Map<String, Value> {
        let mut claims = claims();
        claims.insert(name.to_owned(), value);
        claims
    }

    fn without(name: &str) -> Map<String, Value> {
        let mut claims = claims();
        claims.remove(name);
        claims
    }

    fn expected() -> Expected<'static> {
        Expected {
            issuer: ISSUER,
            client_id: "us",
            other_audiences: &[],
            nonce: Nonce::OfLogin("n"),
            access_token: None,
            max_age: None,
            acr_values: &[],
            now: Timestamp::from_unix_seconds(NOW),
            skew: SKEW,
        }
    }

    fn check_text(text: &str) -> Result<IdToken, IdTokenError> {
        let signed = Signed::for_test(text.as_bytes(), Algorithm::Rs256, None);
        check(&signed, &expected())
    }

    fn check_with(
        claims: Map<String, Value>,
        expected: &Expected<'_>,
    ) -> Result<IdToken, IdTokenError> {
        let payload = Value::Object(claims).to_string();
        let signed = Signed::for_test(payload.as_bytes(), Algorithm::Rs256, None);
        check(&signed, expected)
    }

    fn checked(claims: Map<String, Value>) -> Result<IdToken, IdTokenError> {
        check_with(claims, &expected())
    }

    #[track_caller]
    fn assert_refused(claims: Map<String, Value>, error: IdTokenError) {
        let shown = format!("{claims:?}");
        assert_eq!(checked(claims), Err(error), "{shown}");
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    #[test]
    fn a_good_token_is_typed() {
        let mut claims = with("auth_time", json!(NOW - 10));
        claims.insert("acr".to_owned(), json!("gold"));
        let token = checked(claims.clone()).unwrap();
        let expected = IdToken {
            issuer: ISSUER.to_owned(),
            subject: "ada".to_owned(),
            audience: vec!["us".to_owned()],
            issued_at: at(NOW),
            expires_at: at(NOW + 300),
            auth_time: Some(at(NOW - 10)),
            acr: Some("gold".to_owned()),
            claims,
        };
        assert_eq!(token, expected);
    }

    #[test]
    fn e15_an_issuer_is_compared_byte_for_byte() {
        for received in [
            "https://op.test/a/",
            "https://op.test/A",
            "http://op.test/a",
            "https://op.test:443/a",
            "https://OP.test/a",
            "",
        ] {
            let error = IdTokenError::Issuer {
                expected: ISSUER.to_owned(),
                received: received.to_owned(),
            };
            assert_refused(with("iss", json!(received)), error);
        }
        assert_refused(without("iss"), IdTokenError::Missing("iss"));
        assert_refused(with("iss", json!([ISSUER])), IdTokenError::NotText("iss"));
    }

    #[test]
    fn e16_the_client_is_in_the_audience() {
        for (aud, received) in [
            (json!("them"), vec!["them"]),
            (json!([]), vec![]),
            (json!("US"), vec!["US"]),
            (json!("us "), vec!["us "]),
        ] {
            let error = IdTokenError::Audience {
                expected: "us".to_owned(),
                received: received.into_iter().map(str::to_owned).collect(),
            };
            assert_refused(with("aud", aud), error);
        }
        for aud in [json!(1), json!([["us"]]), json!(null)] {
            assert_refused(with("aud", aud), IdTokenError::AudienceType);
        }
        assert_refused(without("aud"), IdTokenError::Missing("aud"));
        for aud in [json!(["us"]), json!(["us", "us"])] {
            assert!(checked(with("aud", aud.clone())).is_ok(), "{aud}");
        }
    }

    #[test]
    fn e17_other_audiences_have_to_be_trusted() {
        let two = with("aud", json!(["us", "other"]));
        let error = IdTokenError::OtherAudiences {
            others: vec!["other".to_owned()],
        };
        assert_refused(two.clone(), error.clone());
        let mut with_party = two;
        with_party.insert("azp".to_owned(), json!("us"));
        assert_refused(with_party.clone(), error);

        let trusted = ["other".to_owned()];
        let trusting = Expected {
            other_audiences: &trusted,
            ..expected()
        };
        let token = check_with(with_party, &trusting).unwrap();
        assert_eq!(token.audience, ["us", "other"]);
        let three = with("aud", json!(["us", "other", "third"]));
        let others = vec!["third".to_owned()];
        let error = IdTokenError::OtherAudiences { others };
        assert_eq!(check_with(three, &trusting), Err(error));
    }

    #[test]
    fn e18_the_authorized_party_is_the_client() {
        let error = IdTokenError::AuthorizedParty {
            expected: "us".to_owned(),
            received: "them".to_owned(),
        };
        assert_refused(with("azp", json!("them")), error);
        for azp in [json!(null), json!(["us"])] {
            assert_refused(with("azp", azp), IdTokenError::NotText("azp"));
        }
        assert!(checked(with("azp", json!("us"))).is_ok());
    }

    #[test]
    fn e19_an_expired_token_is_refused_after_the_skew() {
        let skew = 60;
        for (ago, seconds) in [(60, 60), (61, 61), (3600, 3600)] {
            let mut claims = with("exp", json!(NOW - ago));
            claims.insert("iat".to_owned(), json!(NOW - ago - 1));
            assert_refused(claims, IdTokenError::Expired { seconds, skew });
        }
        let mut late = with("exp", json!(NOW - 59));
        late.insert("iat".to_owned(), json!(NOW - 300));
        assert!(checked(late).is_ok());
        assert_refused(without("exp"), IdTokenError::Missing("exp"));
        let text = json!((NOW + 300).to_string());
        assert_refused(with("exp", text), IdTokenError::NotNumber("exp"));
        for absurd in [json!(1e300), json!(-1)] {
            assert_refused(with("exp", absurd), IdTokenError::OutOfRange("exp"));
        }
        let float = checked(with("exp", json!(1_700_000_300.7))).unwrap();
        assert_eq!(float.expires_at, at(NOW + 300));
    }

    #[test]
    fn e19_the_skew_is_settable() {
        let mut late = with("exp", json!(NOW - 5));
        late.insert("iat".to_owned(), json!(NOW - 300));
        for (skew, is_ok) in [(0, false), (5, false), (6, true)] {
            let skewed = Expected {
                skew: Duration::from_secs(skew),
                ..expected()
            };
            assert_eq!(check_with(late.clone(), &skewed).is_ok(), is_ok, "{skew}");
        }
    }

    #[test]
    fn e20_a_token_is_issued_for_this_login() {
        assert_refused(without("iat"), IdTokenError::Missing("iat"));
        assert!(checked(with("iat", json!(NOW + 60))).is_ok());
        let later = IdTokenError::IssuedLater {
            seconds: 61,
            skew: 60,
        };
        assert_refused(with("iat", json!(NOW + 61)), later);
        let day = 24 * 60 * 60;
        assert!(checked(with("iat", json!(NOW - day))).is_ok());
        for seconds in [day + 1, 7 * day] {
            let error = IdTokenError::IssuedLongAgo { seconds };
            assert_refused(with("iat", json!(NOW - seconds)), error);
        }
        for bad in [json!("1700000000"), json!(null)] {
            assert_refused(with("iat", bad), IdTokenError::NotNumber("iat"));
        }
    }

    #[test]
    fn e20_a_token_lives() {
        let mut claims = with("iat", json!(NOW + 30));
        for (exp, is_ok) in [(29, false), (30, false), (31, true)] {
            claims.insert("exp".to_owned(), json!(NOW + exp));
            let found = checked(claims.clone());
            assert_eq!(found.is_ok(), is_ok, "{exp}");
            if !is_ok {
                assert_eq!(found, Err(IdTokenError::NoLifetime));
            }
        }
    }

    #[test]
    fn e20_a_token_that_is_not_valid_yet_is_refused() {
        assert!(checked(with("nbf", json!(NOW + 60))).is_ok());
        let error = IdTokenError::NotYet {
            seconds: 61,
            skew: 60,
        };
        assert_refused(with("nbf", json!(NOW + 61)), error);
        for bad in [json!("1700000000"), json!(null), json!([NOW])] {
            assert_refused(with("nbf", bad), IdTokenError::NotNumber("nbf"));
        }
    }

    #[test]
    fn e21_the_nonce_is_that_of_the_login() {
        assert_refused(without("nonce"), IdTokenError::Missing("nonce"));
        for wrong in ["", "N", "n ", "other"] {
            assert_refused(with("nonce", json!(wrong)), IdTokenError::Nonce);
        }
        for bad in [json!(1), json!(["n"]), json!(null)] {
            assert_refused(with("nonce", bad), IdTokenError::NotText("nonce"));
        }
    }

    #[test]
    fn e21_an_empty_nonce_fits_no_login() {
        let lost = Expected {
            nonce: Nonce::OfLogin(""),
            ..expected()
        };
        let refused = check_with(with("nonce", json!("")), &lost);
        assert_eq!(refused, Err(IdTokenError::Nonce));
    }

    #[test]
    fn e37_yesterdays_token_has_another_nonce() {
        let day = 24 * 60 * 60;
        let mut yesterday = with("nonce", json!("of yesterday"));
        yesterday.insert("iat".to_owned(), json!(NOW - day));
        yesterday.insert("exp".to_owned(), json!(NOW + day));
        assert_refused(yesterday, IdTokenError::Nonce);
    }

    #[test]
    fn a_refreshed_token_needs_no_nonce() {
        let refreshed = Expected {
            nonce: Nonce::OfRefresh,
            ..expected()
        };
        assert!(check_with(without("nonce"), &refreshed).is_ok());
        assert!(check_with(claims(), &refreshed).is_ok());
        let bad = check_with(with("nonce", json!(1)), &refreshed);
        assert_eq!(bad, Err(IdTokenError::NotText("nonce")));
    }

    #[test]
    fn e22_a_subject_is_ascii_of_1_to_255_bytes() {
        assert_refused(without("sub"), IdTokenError::Missing("sub"));
        for blank in ["", " ", "\t\u{0}"] {
            assert_refused(with("sub", json!(blank)), IdTokenError::EmptySubject);
        }
        assert!(checked(with("sub", json!("s".repeat(255)))).is_ok());
        let long = IdTokenError::LongSubject { bytes: 256 };
        assert_refused(with("sub", json!("s".repeat(256))), long);
        assert_refused(
            with("sub", json!("ad\u{e0}")),
            IdTokenError::SubjectNotAscii,
        );
        for bad in [json!(1), json!(null), json!(["ada"])] {
            assert_refused(with("sub", bad), IdTokenError::NotText("sub"));
        }
    }

    /// The left half of each hash of `AT`, in base64url, computed by another program.
    const HASHES: [(&str, &[Algorithm]); 3] = [
        (
            "YiHPD2T9DaX5B837XJXtow",
            &[
                Algorithm::Rs256,
                Algorithm::Ps256,
                Algorithm::Es256,
                Algorithm::Hs256,
            ],
        ),
        (
            "p3iANihy1MamculNPUrQ8HsBkouO-q2I",
            &[
                Algorithm::Rs384,
                Algorithm::Ps384,
                Algorithm::Es384,
                Algorithm::Hs384,
            ],
        ),
        (
            "nM_8k04LoVPQDh1346b6eHC5pCiIJeMDBg3Dhz6Pbt4",
            &[
                Algorithm::Rs512,
                Algorithm::Ps512,
                Algorithm::Es512,
                Algorithm::Hs512,
                Algorithm::EdDsa,
            ],
        ),
    ];

    fn check_hash(at_hash: Value, algorithm: Algorithm) -> Result<IdToken, IdTokenError> {
        let token = AccessToken::new(AT);
        let expected = Expected {
            access_token: Some(&token),
            ..expected()
        };
        let payload = Value::Object(with("at_hash", at_hash)).to_string();
        let signed = Signed::for_test(payload.as_bytes(), algorithm, None);
        check(&signed, &expected)
    }

    #[test]
    fn e23_the_hash_is_that_of_the_access_token_and_the_algorithm() {
        for (hash, algorithms) in HASHES {
            for algorithm in Algorithm::ALL {
                let found = check_hash(json!(hash), algorithm).map(drop);
                if algorithms.contains(&algorithm) {
                    assert_eq!(found, Ok(()), "{algorithm}");
                } else {
                    assert_eq!(found, Err(IdTokenError::AccessTokenHash { algorithm }));
                }
            }
        }
        let algorithm = Algorithm::Rs256;
        let whole = URL_SAFE_NO_PAD.encode(Sha256::digest(AT));
        for wrong in ["", &whole, HASHES[1].0] {
            let error = Err(IdTokenError::AccessTokenHash { algorithm });
            assert_eq!(check_hash(json!(wrong), algorithm), error);
        }
        let not_text = check_hash(json!(null), algorithm);
        assert_eq!(not_text, Err(IdTokenError::NotText("at_hash")));
    }

    #[test]
    fn the_hash_of_openid_connect_core_a_4_is_computed() {
        let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
        let hash = half_hash(Algorithm::Rs256, code);
        assert_eq!(hash, "LDktKdoQak3Pk0cnXxCltA");
    }

    #[test]
    fn e28_the_payload_is_an_object_whose_members_do_not_repeat() {
        for text in ["[]", "\"sub\"", "null", "", "{", "eyJ"] {
            let error = IdTokenError::Json(JsonError::NotAnObject);
            assert_eq!(check_text(text), Err(error), "{text}");
        }
        let good = Value::Object(claims()).to_string();
        assert!(check_text(&good).is_ok());
        for repeated in [
            r#""iss":"https://op.test/a""#,
            r#""sub":"eve""#,
            r#""aud":"us""#,
        ] {
            let text = format!("{{{repeated},{}", &good[1..]);
            let error = IdTokenError::Json(JsonError::Repeated);
            assert_eq!(check_text(&text), Err(error), "{text}");
        }
    }

    #[test]
    fn e29_tokens_of_another_type_are_not_id_tokens() {
        let payload = Value::Object(claims()).to_string();
        let typed = |typ| {
            let signed = Signed::for_test(payload.as_bytes(), Algorithm::Rs256, typ);
            check(&signed, &expected()).map(drop)
        };
        for typ in [
            "at+jwt",
            "logout+jwt",
            "dpop+jwt",
            "secevent+jwt",
            "jose",
            "",
        ] {
            let received = typ.to_owned();
            assert_eq!(typed(Some(typ)), Err(IdTokenError::Typ { received }));
        }
        assert_eq!(typed(Some("jwt")), Ok(()));
        assert_eq!(typed(None), Ok(()));
        let event = "http://schemas.openid.net/event/backchannel-logout";
        let logout = with("events", json!({ event: {} }));
        assert_refused(logout, IdTokenError::Event);
    }

    #[test]
    fn e35_the_age_of_the_sign_in_is_checked_if_it_was_asked_for() {
        let asking = Expected {
            max_age: Some(Duration::from_secs(100)),
            ..expected()
        };
        let signed_in = |auth_time: Value| check_with(with("auth_time", auth_time), &asking);
        let missing = IdTokenError::Missing("auth_time");
        assert_eq!(check_with(claims(), &asking), Err(missing));
        assert!(signed_in(json!(NOW - 160)).is_ok());
        let old = IdTokenError::OldSignIn {
            seconds: 161,
            max_age: 100,
        };
        assert_eq!(signed_in(json!(NOW - 161)), Err(old));
        assert!(signed_in(json!(NOW + 60)).is_ok());
        let later = IdTokenError::LaterSignIn { seconds: 61 };
        assert_eq!(signed_in(json!(NOW + 61)), Err(later));
        let bad = signed_in(json!("1700000000"));
        assert_eq!(bad, Err(IdTokenError::NotNumber("auth_time")));
        // Not asked for, it may be as old as it is.
        assert!(checked(with("auth_time", json!(1))).is_ok());
    }

    #[test]
    fn e35_the_authentication_class_is_checked_if_it_was_asked_for() {
        let asked = ["gold".to_owned(), "silver".to_owned()];
        let asking = Expected {
            acr_values: &asked,
            ..expected()
        };
        let with_class = |acr: Value| check_with(with("acr", acr), &asking);
        let missing = IdTokenError::Missing("acr");
        assert_eq!(check_with(claims(), &asking), Err(missing));
        assert!(with_class(json!("silver")).is_ok());
        let other = IdTokenError::AuthenticationClass {
            expected: asked.to_vec(),
            received: "0".to_owned(),
        };
        assert_eq!(with_class(json!("0")), Err(other));
        assert_eq!(with_class(json!(0)), Err(IdTokenError::NotText("acr")));
        assert!(checked(with("acr", json!("0"))).is_ok());
    }

    #[test]
    fn k05_what_an_error_shows_is_cut_and_escaped() {
        let hostile = format!("\u{1b}[31m\n{}", "x".repeat(5000));
        for name in ["iss", "aud", "azp"] {
            let text = checked(with(name, json!(hostile))).unwrap_err().to_string();
            assert!(text.len() < 600, "{name}: {}", text.len());
            assert!(text.chars().all(|c| !c.is_control()), "{name}: {text}");
        }
    }

    #[test]
    fn k01_claims_are_not_printed() {
        let printed = format!("{:?}", checked(claims()).unwrap());
        assert!(printed.contains(ISSUER), "{printed}");
        for claim in ["nonce", "ada"] {
            assert!(!printed.contains(claim), "{printed}");
        }
    }

    #[test]
    fn k01_no_error_shows_a_nonce_or_a_hash() {
        let nonce = checked(with("nonce", json!("canary"))).unwrap_err();
        let hash = check_hash(json!("canary"), Algorithm::Rs256).unwrap_err();
        for error in [nonce, hash] {
            let text = format!("{error} {error:?}");
            assert!(!text.contains("canary") && !text.contains(AT), "{text}");
        }
    }
}
