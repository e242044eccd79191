//! A hash that is quick for the short keys that senders have, and that nobody outside can predict.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

/// Makes hashers that start from numbers drawn once a process.
#[derive(Clone, Copy)]
pub(crate) struct Quick {
    start: u64,
    factor: u64,
}

impl Default for Quick {
    fn default() -> Self {
        static DRAWN: LazyLock<Quick> = LazyLock::new(|| Quick {
            start: RandomState::new().hash_one("start"),
            // Odd, so that no bit of a product is lost.
            factor: RandomState::new().hash_one("factor") | 1,
        });
        *DRAWN
    }
}

impl BuildHasher for Quick {
    type Hasher = QuickHasher;

    #[inline]
    fn build_hasher(&self) -> QuickHasher {
        QuickHasher {
            state: self.start,
            factor: self.factor,
        }
    }
}

/// Folds words in, one multiplication each: as `wyhash` and its kin do.
pub(crate) struct QuickHasher {
    state: u64,
    factor: u64,
}

impl QuickHasher {
    #[inline]
    fn fold(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(self.factor);
        let (low, high) = (product as u64, (product >> 64) as u64);
        // Turned, so that the order of words counts, and that a product of nothing is not the end.
        self.state = (low ^ high).wrapping_add(self.factor.rotate_left(32));
    }
}

impl Hasher for QuickHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.fold(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        // With the length, so that zeros at the end count.
        self.fold(u64::from_le_bytes(last));
        self.fold(bytes.len() as u64);
    }

    #[inline]
    fn write_u8(&mut self, n: u8) {
        self.fold(n.into());
    }

    #[inline]
    fn write_u16(&mut self, n: u16) {
        self.fold(n.into());
    }

    #[inline]
    fn write_u32(&mut self, n: u32) {
        self.fold(n.into());
    }

    #[inline]
    fn write_u64(&mut self, n: u64) {
        self.fold(n);
    }

    #[inline]
    fn write_u128(&mut self, n: u128) {
        self.fold(n as u64);
        self.fold((n >> 64) as u64);
    }

    #[inline]
    fn write_usize(&mut self, n: usize) {
        self.fold(n as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        // Tables look at the lowest bits, which depend on the lowest of key and factor only: of one small
        // number and an unlucky factor, most would be the same.
        self.state ^ (self.state >> 17) ^ (self.state >> 32)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn hash(of: impl std::hash::Hash) -> u64 {
        Quick::default().hash_one(of)
    }

    #[test]
    fn what_is_equal_has_one_hash() {
        assert_eq!(hash("left hand"), hash("left hand".to_owned()));
    }

    #[test]
    fn texts_that_differ_in_zeros_at_the_end_differ() {
        assert_ne!(hash([0_u8; 3].as_slice()), hash([0_u8; 4].as_slice()));
    }

    #[test]
    fn numbers_in_a_row_spread_over_the_buckets_of_a_table() {
        // Whatever is drawn: there are luckier factors and others.
        for draw in 0..200_u64 {
            let quick = Quick {
                start: RandomState::new().hash_one(draw),
                factor: RandomState::new().hash_one(draw) | 1,
            };
            let buckets: HashSet<u64> = (0_u64..1024).map(|n| quick.hash_one(n) % 1024).collect();
            // Of a random function, one bucket in e (2.7) stays empty.
            assert!(buckets.len() > 400, "{} of 1024", buckets.len());
        }
    }
}
