//! A sealed token in the browser's own cookies, in chunks: the store that needs no set-up.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;

use crate::keep::cookies::{CookiePolicy, RequestCookies};
use crate::keep::{budget, session_jar};

const PREFIX: &str = "token-";

/// How many chunks a token may take.
const MAX_CHUNKS: usize = 2;

/// The size of a chunk. Browsers drop a cookie whose name and value exceed 4096 bytes (RFC 6265bis §5.6).
const CHUNK_BYTES: usize = 3000;

/// How many cookies of one name are tried.
const MAX_TRIED: usize = 4;

/// Returns the `Set-Cookie` headers that keep `sealed` as the token of `dance` and delete the chunks of
/// an earlier, longer one. Returns `None` if it does not fit beside the tokens of the other dances.
///
/// The tokens of dances that the browser is not signed in with are worth nothing. They are deleted.
pub(crate) fn keep(
    sealed: &[u8],
    dance: &str,
    policy: &CookiePolicy,
    request: &RequestCookies,
    max_age_seconds: u64,
) -> Option<Vec<HeaderValue>> {
    let text = URL_SAFE_NO_PAD.encode(sealed);
    let count = text.len().div_ceil(CHUNK_BYTES);
    if count > MAX_CHUNKS {
        return None;
    }
    let (mut others, mut dead) = (0, Vec::new());
    for (name, value) in request.starting_with(PREFIX) {
        let of = name[PREFIX.len()..].rsplit_once('-').map(|(of, _)| of);
        if of == Some(dance) {
            continue;
        }
        match of {
            Some(of) if is_signed_in(of, request) => {
                others += budget::size(&policy.name(name), value);
            }
            _ => dead.push(policy.delete(name)),
        }
    }
    let chunks: Vec<(String, Cow<'_, str>)> = text
        .as_bytes()
        .chunks(CHUNK_BYTES)
        .enumerate()
        .map(|(index, chunk)| {
            let chunk = String::from_utf8_lossy(chunk);
            let value = match index {
                0 => Cow::from(format!("{count}.{chunk}")),
                _ => chunk,
            };
            (chunk_name(dance, index), value)
        })
        .collect();
    let sizes = chunks
        .iter()
        .map(|(name, value)| budget::size(&policy.name(name), value));
    if others + sizes.sum::<usize>() > budget::TOKENS {
        return None;
    }
    let set = chunks
        .iter()
        .map(|(name, value)| policy.set(name, value, Some(max_age_seconds)));
    let mut headers: Vec<HeaderValue> = set.collect();
    headers.extend(forget_from(count, dance, policy, request));
    headers.extend(dead);
    Some(headers)
}

/// Returns the headers that delete every chunk of `dance`'s token that the request carries.
pub(crate) fn forget(
    dance: &str,
    policy: &CookiePolicy,
    request: &RequestCookies,
) -> Vec<HeaderValue> {
    forget_from(0, dance, policy, request).collect()
}

fn forget_from(
    first: usize,
    dance: &str,
    policy: &CookiePolicy,
    request: &RequestCookies,
) -> impl Iterator<Item = HeaderValue> {
    (first..MAX_CHUNKS)
        .map(|index| chunk_name(dance, index))
        .filter(|name| request.values(name).next().is_some())
        .map(|name| policy.delete(&name))
}

/// Returns the texts that the cookies of `dance`'s token may form. Several cookies of one name may have
/// been sent. Only an authentic one counts, which shows when it is opened.
pub(crate) fn candidates<'r>(
    dance: &str,
    request: &'r RequestCookies,
) -> impl Iterator<Item = Vec<u8>> + use<'r> {
    let values = |index: usize| -> Vec<&'r str> {
        let name = chunk_name(dance, index);
        request
            .starting_with("")
            .filter(|(candidate, _)| *candidate == name)
            .map(|(_, value)| value)
            .take(MAX_TRIED)
            .collect()
    };
    let (firsts, seconds) = (values(0), values(1));
    firsts
        .into_iter()
        .filter_map(|first| first.split_once('.'))
        .flat_map(move |(count, first)| match count {
            "1" => vec![first.to_owned()],
            "2" => seconds
                .iter()
                .map(|second| format!("{first}{second}"))
                .collect(),
            _ => Vec::new(),
        })
        .filter_map(|text| URL_SAFE_NO_PAD.decode(text).ok())
}

fn is_signed_in(dance: &str, request: &RequestCookies) -> bool {
    let session = session_jar::cookie_name(dance);
    request.values(&session).next().is_some()
}

fn chunk_name(dance: &str, index: usize) -> String {
    format!("{PREFIX}{dance}-{index}")
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::COOKIE;

    use super::*;

    /// More than one chunk.
    const LARGE: usize = CHUNK_BYTES;

    fn policy() -> CookiePolicy {
        CookiePolicy::secure("od")
    }

    /// The cookies that a browser sends after these `Set-Cookie` headers.
    fn sent_back<'h>(headers: impl IntoIterator<Item = &'h HeaderValue>) -> RequestCookies {
        let map: HeaderMap = headers
            .into_iter()
            .filter_map(|header| header.to_str().ok()?.split(';').next())
            .map(|pair| (COOKIE, HeaderValue::from_str(pair).unwrap()))
            .collect();
        RequestCookies::read(&map, &policy())
    }

    fn read(dance: &str, request: &RequestCookies) -> Option<Vec<u8>> {
        candidates(dance, request).next()
    }

    fn keep_new(sealed: &[u8]) -> Option<Vec<HeaderValue>> {
        keep(sealed, "op", &policy(), &RequestCookies::default(), 60)
    }

    #[test]
    fn g09_every_length_up_to_the_cap_comes_back_exact_multiples_included() {
        let full = CHUNK_BYTES / 4 * 3;
        for length in [0, 1, full - 1, full, full + 1, full + 700] {
            let sealed = vec![7; length];
            let Some(headers) = keep_new(&sealed) else {
                panic!("{length} bytes do not fit");
            };
            let expected = (length > 0).then_some(sealed);
            assert_eq!(read("op", &sent_back(&headers)), expected, "{length}");
        }
    }

    #[test]
    fn a13_every_combination_of_repeated_chunks_is_tried() {
        let genuine = keep_new(&vec![7; LARGE]).unwrap();
        let planted = keep_new(&vec![8; LARGE]).unwrap();
        let order = [&planted[0], &genuine[0], &planted[1], &genuine[1]];
        let sent = sent_back(order);
        assert!(candidates("op", &sent).any(|sealed| sealed == vec![7; LARGE]));
        let flood = sent_back(std::iter::repeat_n(order, 100).flatten());
        assert_eq!(candidates("op", &flood).count(), MAX_TRIED * MAX_TRIED);
    }

    #[test]
    fn g10_what_does_not_fit_is_an_error_when_it_is_set() {
        assert!(keep_new(&vec![7; MAX_CHUNKS * CHUNK_BYTES]).is_none());
    }

    /// How many bytes of a request's header these take.
    fn bytes(headers: &[HeaderValue]) -> usize {
        let pairs = headers.iter().filter_map(|header| header.to_str().ok());
        let pairs = pairs.filter_map(|header| header.split(';').next()?.split_once('='));
        pairs.map(|(name, value)| budget::size(name, value)).sum()
    }

    #[test]
    fn g10_the_tokens_of_all_dances_have_4_kib_together() {
        let mut largest = (1..20_000).filter_map(|length| keep_new(&vec![7; length]));
        let largest = largest.next_back().unwrap();
        assert!(
            (4000..=4096).contains(&bytes(&largest)),
            "{}",
            bytes(&largest)
        );

        // The other dance is signed in, or is not.
        let two = [
            Vec::new(),
            vec![HeaderValue::from_static("__Host-od-session-op=s")],
        ];
        for (session, fits) in two.into_iter().zip([true, false]) {
            let carried = sent_back(largest.iter().chain(&session));
            let kept = keep(&[8; 100], "other", &policy(), &carried, 60);
            assert_eq!(kept.is_some(), fits);
            // The dead one goes.
            let deleted = |header: &HeaderValue| header.to_str().unwrap().contains("-op-0=;");
            assert_eq!(kept.iter().flatten().any(deleted), fits);
            // Its own successor always fits in its place.
            assert!(keep(&[8; 100], "op", &policy(), &carried, 60).is_some());
        }
    }

    #[test]
    fn g09_a_missing_chunk_or_an_absurd_count_is_absent() {
        let headers = keep_new(&vec![7; LARGE]).unwrap();
        assert_eq!(read("op", &sent_back(&headers[..1])), None);
        let absurd = HeaderValue::from_static("__Host-od-token-op-0=99999999.AAAA");
        assert_eq!(read("op", &sent_back([&absurd])), None);
    }
}
