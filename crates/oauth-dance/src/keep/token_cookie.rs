//! A sealed token in the browser's own cookies, in chunks: the store that needs no set-up.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;

use crate::keep::cookies::{CookiePolicy, MAX_VALUE_BYTES, RequestCookies};

/// How many chunks a token may take.
const MAX_CHUNKS: usize = 2;

/// The size of a chunk. Two make some 6 KB. Common servers refuse a request whose `Cookie` header is
/// longer than 8 KiB, on every page, and a browser could not even sign out then.
const CHUNK_BYTES: usize = 3000;
const _: () = assert!(CHUNK_BYTES + "2.".len() <= MAX_VALUE_BYTES);

/// How many cookies of one name are tried.
const MAX_TRIED: usize = 4;

/// Returns the `Set-Cookie` headers that keep `sealed` as the token of `dance` and delete the chunks of
/// an earlier, longer one. Returns `None` if it does not fit.
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
    let mut headers: Vec<HeaderValue> = text
        .as_bytes()
        .chunks(CHUNK_BYTES)
        .enumerate()
        .map(|(index, chunk)| {
            let chunk = String::from_utf8_lossy(chunk);
            let value = match index {
                0 => Cow::from(format!("{count}.{chunk}")),
                _ => chunk,
            };
            policy.set(&chunk_name(dance, index), &value, Some(max_age_seconds))
        })
        .collect();
    headers.extend(forget_from(count, dance, policy, request));
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

fn chunk_name(dance: &str, index: usize) -> String {
    format!("token-{dance}-{index}")
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::COOKIE;

    use super::*;

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
        for length in [0, 1, full - 1, full, full + 1, 2 * full] {
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
        let genuine = keep_new(&vec![7; CHUNK_BYTES]).unwrap();
        let planted = keep_new(&vec![8; CHUNK_BYTES]).unwrap();
        let order = [&planted[0], &genuine[0], &planted[1], &genuine[1]];
        let sent = sent_back(order);
        assert!(candidates("op", &sent).any(|sealed| sealed == vec![7; CHUNK_BYTES]));
        let flood = sent_back(std::iter::repeat_n(order, 100).flatten());
        assert_eq!(candidates("op", &flood).count(), MAX_TRIED * MAX_TRIED);
    }

    #[test]
    fn g10_what_does_not_fit_is_an_error_when_it_is_set() {
        assert!(keep_new(&vec![7; MAX_CHUNKS * CHUNK_BYTES]).is_none());
    }

    #[test]
    fn g10_a_token_leaves_room_in_the_8_kib_that_servers_take() {
        let largest = (1..20_000)
            .filter_map(|length| keep_new(&vec![7; length]))
            .next_back();
        let pairs = largest.unwrap().into_iter();
        let bytes: usize = pairs
            .map(|header| header.to_str().unwrap().split(';').next().unwrap().len() + 2)
            .sum();
        assert!(bytes < 6 * 1024 + 128, "{bytes}");
    }

    #[test]
    fn g09_a_missing_chunk_or_an_absurd_count_is_absent() {
        let headers = keep_new(&vec![7; CHUNK_BYTES]).unwrap();
        assert_eq!(read("op", &sent_back(&headers[..1])), None);
        let absurd = HeaderValue::from_static("__Host-od-token-op-0=99999999.AAAA");
        assert_eq!(read("op", &sent_back([&absurd])), None);
    }
}
