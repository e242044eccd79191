//! Reads and writes the few forms of DER that private keys have (X.690 §10).

use zeroize::Zeroizing;

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
/// The constructed tag `[0]`.
pub(crate) const CONTEXT_0: u8 = 0xa0;
/// The constructed tag `[1]`.
pub(crate) const CONTEXT_1: u8 = 0xa1;

/// What is left to read of a DER text.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'d>(&'d [u8]);

impl<'d> Reader<'d> {
    pub(crate) fn of(text: &'d [u8]) -> Self {
        Self(text)
    }

    /// Returns the content of the next element if it has this tag. The next call reads behind it.
    pub(crate) fn read(&mut self, tag: u8) -> Option<&'d [u8]> {
        let rest = self.0.strip_prefix(&[tag])?;
        let (length, rest) = length(rest)?;
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }

    /// Returns a reader of the elements inside of the next element.
    pub(crate) fn enter(&mut self, tag: u8) -> Option<Self> {
        self.read(tag).map(Self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Reads a length in its shortest form, of at most two bytes behind the first: keys have a few kilobytes.
fn length(text: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = text.split_first()?;
    let bytes = match first {
        0..=0x7f => return Some((usize::from(*first), rest)),
        0x81 => 1,
        0x82 => 2,
        _ => return None,
    };
    let (long, rest) = rest.split_at_checked(bytes)?;
    let length = long
        .iter()
        .fold(0, |sum, byte| 256 * sum + usize::from(*byte));
    let shortest = if bytes == 1 { 0x80 } else { 0x100 };
    (length >= shortest).then_some((length, rest))
}

/// Writes an element. Returns `None` for a content above 65,535 bytes.
pub(crate) fn element(tag: u8, content: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let [high, low] = u16::try_from(content.len()).ok()?.to_be_bytes();
    // With its full capacity from the beginning, so that no copy is left behind.
    let mut element = Zeroizing::new(Vec::with_capacity(content.len() + 4));
    element.push(tag);
    match (high, low) {
        (0, 0..0x80) => element.push(low),
        (0, _) => element.extend([0x81, low]),
        _ => element.extend([0x82, high, low]),
    }
    element.extend_from_slice(content);
    Some(element)
}

/// Writes a number that is not negative, from its big-endian bytes.
pub(crate) fn integer(number: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let mut content = Zeroizing::new(Vec::with_capacity(number.len() + 1));
    // The highest bit is that of the sign.
    if number.get(zeros).is_none_or(|first| *first >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(&number[zeros..]);
    element(INTEGER, &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 127, 128, 255, 256, 65_535] {
            let content = vec![7; length];
            let element = element(OCTET_STRING, &content).unwrap();
            let mut reader = Reader::of(&element);
            assert!(!reader.is_empty());
            assert_eq!(reader.read(OCTET_STRING), Some(&content[..]), "{length}");
            assert!(reader.is_empty());
        }
        assert!(element(OCTET_STRING, &vec![7; 65_536]).is_none());
    }

    #[test]
    fn lengths_that_are_not_the_shortest_or_reach_too_far_are_not_read() {
        for text in [
            &[4][..],
            &[4, 1],
            &[4, 0x80, 0, 0],
            &[4, 0x81, 0x7f],
            &[4, 0x81, 0x80, 0],
            &[4, 0x82, 0, 1, 0],
            &[4, 0x83, 0, 0, 1, 0],
            &[4, 0xff],
            &[2, 1, 0],
            &[],
        ] {
            assert_eq!(Reader::of(text).read(OCTET_STRING), None, "{text:?}");
        }
    }

    #[test]
    fn a_number_is_written_in_its_shortest_form_and_never_negative() {
        for (number, written) in [
            (&[][..], &[2, 1, 0][..]),
            (&[0, 0], &[2, 1, 0]),
            (&[0, 0x7f], &[2, 1, 0x7f]),
            (&[0x80], &[2, 2, 0, 0x80]),
            (&[1, 0], &[2, 2, 1, 0]),
        ] {
            assert_eq!(integer(number).unwrap().as_slice(), written);
        }
    }
}
