//! A sealed token in the browser's own cookies, in chunks: the storage that needs no set-up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;

use crate::cookies::{CookiePolicy, MAX_VALUE_BYTES, RequestCookies};

/// How many chunks a token may take. Three full cookies are what common servers still accept in a
/// request's headers beside everything else.
const MAX_CHUNKS: usize = 3;

/// The chunk size leaves room for the count in front of the first chunk.
const CHUNK_BYTES: usize = MAX_VALUE_BYTES - 2;

/// The `Set-Cookie` headers that keep `sealed` as the token of `dance`, and delete chunks of an
/// earlier, longer one. `None` if it does not fit.
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
            let value = if index == 0 {
                format!("{count}.{chunk}")
            } else {
                chunk.into_owned()
            };
            policy.set(&chunk_name(dance, index), value, Some(max_age_seconds))
        })
        .collect();
    headers.extend(forget_from(count, dance, policy, request));
    Some(headers)
}

/// The headers that delete every chunk of `dance`'s token that the request carries.
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

/// The sealed token of `dance`, put together; whether it is authentic shows when it is opened.
pub(crate) fn read(dance: &str, request: &RequestCookies) -> Option<Vec<u8>> {
    let first_name = chunk_name(dance, 0);
    let (count, first) = request.values(&first_name).next()?.split_once('.')?;
    let count: usize = count
        .parse()
        .ok()
        .filter(|count| (1..=MAX_CHUNKS).contains(count))?;
    let mut text = first.to_owned();
    for index in 1..count {
        text.push_str(request.values(&chunk_name(dance, index)).next()?);
    }
    URL_SAFE_NO_PAD.decode(text).ok()
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

    fn keep_new(sealed: &[u8]) -> Option<Vec<HeaderValue>> {
        keep(sealed, "op", &policy(), &RequestCookies::default(), 60)
    }

    #[test]
    fn g09_every_length_up_to_the_cap_comes_back_exact_multiples_included() {
        let full = CHUNK_BYTES / 4 * 3;
        for length in [0, 1, full - 1, full, full + 1, 2 * full, 3 * full] {
            let sealed = vec![7; length];
            let Some(headers) = keep_new(&sealed) else {
                panic!("{length} bytes do not fit");
            };
            let expected = (length > 0).then_some(sealed);
            assert_eq!(read("op", &sent_back(&headers)), expected, "{length}");
        }
    }

    #[test]
    fn g10_what_does_not_fit_is_an_error_when_it_is_set() {
        assert!(keep_new(&vec![7; MAX_CHUNKS * CHUNK_BYTES]).is_none());
    }

    #[test]
    fn g09_a_missing_chunk_or_an_absurd_count_is_absent() {
        let headers = keep_new(&vec![7; CHUNK_BYTES]).unwrap();
        assert_eq!(read("op", &sent_back(&headers[..1])), None);
        let absurd = HeaderValue::from_static("__Host-od-token-op-0=99999999.AAAA");
        assert_eq!(read("op", &sent_back([&absurd])), None);
    }
}
