//! What a provider does differently while it stands in for another one.

use http::StatusCode;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use oauth_dance::{Provider, Quirks};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::faults::effect::Effect;
use crate::registration::Person;

/// The providers whose identifier of a user is a number. The catalog of providers does not say so, and
/// applications declare the type of the member.
const NUMBERED: [&str; 2] = ["github", "gitlab"];

/// The provider that is stood in for, and what it does in its own way.
#[derive(Debug)]
pub(crate) struct StandIn(pub(crate) Provider);

impl StandIn {
    fn quirks(&self) -> &Quirks {
        self.0.token_quirks()
    }

    /// What separates scopes in a request, beside spaces.
    pub(crate) fn scope_delimiter(&self) -> &str {
        self.0.scope_delimiter()
    }

    /// What separates scopes in a token answer.
    pub(crate) fn scope_separator(&self) -> char {
        self.quirks().scope_answer_separator.unwrap_or(' ')
    }

    /// Departs from RFC 6749 wherever the provider may do so.
    pub(crate) fn bend(&self, answer: &mut Answer, headers: &HeaderMap) {
        let quirks = self.quirks();
        let is_token = answer.status() == StatusCode::OK;
        if quirks.scope_array {
            Effect::ScopeArray.spoil(answer);
        }
        if quirks.token_type_may_be_missing {
            Effect::Remove("token_type".to_owned()).spoil(answer);
        }
        if quirks.created_is_ok && is_token {
            Effect::Status(StatusCode::CREATED).spoil(answer);
        }
        if quirks.error_in_ok_answer && !is_token {
            Effect::Status(StatusCode::OK).spoil(answer);
        }
        if quirks.form_encoded_answer && !asks_for_json(headers) {
            Effect::FormEncode.spoil(answer);
        } else if quirks.any_content_type {
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            Effect::Header(CONTENT_TYPE, plain).spoil(answer);
        }
    }

    /// What the userinfo endpoint says of a person, also what was not granted: the usual claims, `login` as
    /// some providers call the username, and the identifier where the provider has it.
    pub(crate) fn claims(&self, person: &Person, number: usize) -> Map<String, Value> {
        let mut claims = Map::new();
        let identifier = if NUMBERED.contains(&self.0.id()) {
            Value::from(number)
        } else {
            Value::from(person.subject.as_str())
        };
        put(&mut claims, self.0.user_id(), identifier);
        claims.insert("login".to_owned(), person.username.as_str().into());
        let everything = ["profile", "email"].map(str::to_owned);
        for (name, value) in person.claims_for(&everything) {
            // Another provider says `sub` only if that is its identifier.
            if name != "sub" {
                claims.insert(name, value);
            }
        }
        claims
    }
}

fn asks_for_json(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter();
    accepted.any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.contains("application/json"))
    })
}

/// Puts a value at a path of member names that are separated by dots.
fn put(members: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            members.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            let mut inner = Map::new();
            put(&mut inner, rest, value);
            members.insert(first.to_owned(), Value::Object(inner));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(id: &str, user_id: &str) -> Value {
        let url = "https://id.test/";
        let provider = Provider::oauth2(id, url, url).userinfo(url, user_id);
        Value::Object(StandIn(provider).claims(&Person::new("ada").name("Ada"), 7))
    }

    #[test]
    fn the_identifier_is_where_the_provider_has_it() {
        assert_eq!(
            claims("acme", "data.user.id")["data"]["user"]["id"],
            "dev-ada"
        );
        assert_eq!(claims("acme", "sub")["sub"], "dev-ada");
        let github = claims("github", "id");
        assert_eq!(
            (&github["id"], &github["login"]),
            (&json!(7), &json!("ada"))
        );
        assert_eq!(github["sub"], json!(null));
    }
}
