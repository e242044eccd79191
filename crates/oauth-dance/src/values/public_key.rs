//! Public keys, typed by the family of algorithms they are for, with values that a backend can take.

use crate::values::algorithm::Algorithm;

/// The sizes of RSA moduli that are taken, in bits (RFC 7518 §3.3; larger ones only cost time).
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The largest public exponent of RSA that every backend takes.
const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// A public key. Its family tells which algorithms it can verify, and no secret is ever made of one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicKey {
    /// For RS256 to PS512.
    Rsa(RsaPublicKey),
    /// For ES256, ES384 or ES512, by its curve.
    Ec(EcPublicKey),
    /// For EdDSA: 32 bytes (RFC 8032 §5.1.5).
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// Returns whether the key is of the family that `algorithm` needs, on its curve.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        use Algorithm as A;
        match algorithm {
            A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => {
                matches!(self, Self::Rsa(_))
            }
            A::Es256 => self.curve() == Some(Curve::P256),
            A::Es384 => self.curve() == Some(Curve::P384),
            A::Es512 => self.curve() == Some(Curve::P521),
            A::EdDsa => matches!(self, Self::Ed25519(_)),
            A::Hs256 | A::Hs384 | A::Hs512 => false,
        }
    }

    fn curve(&self) -> Option<Curve> {
        match self {
            Self::Ec(key) => Some(key.curve),
            _ => None,
        }
    }
}

/// Why numbers are not a public key that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublicKeyError {
    /// The modulus of RSA is too small to be safe, or so large that it only costs time.
    #[error("the RSA modulus has {bits} bits: 2048 to 8192 are taken")]
    ModulusBits {
        /// The number of bits.
        bits: usize,
    },
    /// The modulus of RSA is even.
    #[error("the RSA modulus is even")]
    EvenModulus,
    /// The exponent of RSA is even, below 3, or above 2³³ − 1.
    #[error("the RSA exponent is not an odd number from 3 to 8589934591")]
    Exponent,
    /// A coordinate does not have the length of its curve.
    #[error("a coordinate does not have the {bytes} bytes of its curve")]
    Coordinate {
        /// The length of a coordinate.
        bytes: usize,
    },
}

/// A public key of RSA with a modulus of 2048 to 8192 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RsaPublicKey {
    modulus: Box<[u8]>,
    exponent: Box<[u8]>,
}

impl RsaPublicKey {
    /// Makes a key of two big-endian numbers. Zero bytes at the beginning are dropped.
    ///
    /// # Errors
    ///
    /// - [`PublicKeyError::ModulusBits`] and [`PublicKeyError::EvenModulus`] for a modulus that is not taken.
    /// - [`PublicKeyError::Exponent`] for an exponent that is not taken.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, PublicKeyError> {
        let modulus = without_leading_zeros(modulus);
        let bits = bits(modulus);
        if !MODULUS_BITS.contains(&bits) {
            return Err(PublicKeyError::ModulusBits { bits });
        }
        if modulus.last().is_none_or(|byte| byte % 2 == 0) {
            return Err(PublicKeyError::EvenModulus);
        }
        let exponent = without_leading_zeros(exponent);
        let value = small_number(exponent).ok_or(PublicKeyError::Exponent)?;
        if !(3..=MAX_EXPONENT).contains(&value) || value % 2 == 0 {
            return Err(PublicKeyError::Exponent);
        }
        Ok(Self {
            modulus: modulus.into(),
            exponent: exponent.into(),
        })
    }

    /// Returns the modulus, big-endian, without zero bytes at the beginning.
    #[must_use]
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// Returns the exponent, big-endian, without zero bytes at the beginning.
    #[must_use]
    pub fn exponent(&self) -> &[u8] {
        &self.exponent
    }
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// Returns the bits of a number without zero bytes at the beginning.
fn bits(number: &[u8]) -> usize {
    match number.first() {
        Some(first) => number.len() * 8 - first.leading_zeros() as usize,
        None => 0,
    }
}

fn small_number(bytes: &[u8]) -> Option<u64> {
    let mut number = [0; 8];
    let start = number.len().checked_sub(bytes.len())?;
    number[start..].copy_from_slice(bytes);
    Some(u64::from_be_bytes(number))
}

/// An elliptic curve for ECDSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
}

impl Curve {
    /// Returns the length of a coordinate in bytes.
    #[must_use]
    pub const fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// A public key of ECDSA. Whether the point is on the curve is checked by the backend, at each use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcPublicKey {
    curve: Curve,
    point: Box<[u8]>,
}

impl EcPublicKey {
    /// Makes a key of the two coordinates of a point, big-endian, in their full length (RFC 7518 §6.2.1.2).
    ///
    /// # Errors
    ///
    /// [`PublicKeyError::Coordinate`] if a coordinate is longer or shorter.
    pub fn new(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, PublicKeyError> {
        let bytes = curve.coordinate_bytes();
        if x.len() != bytes || y.len() != bytes {
            return Err(PublicKeyError::Coordinate { bytes });
        }
        let mut point = Vec::with_capacity(1 + 2 * bytes);
        point.push(4);
        point.extend_from_slice(x);
        point.extend_from_slice(y);
        Ok(Self {
            curve,
            point: point.into(),
        })
    }

    /// Returns the curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// Returns the uncompressed point: the byte 4, and both coordinates (SEC 1 §2.3.3).
    #[must_use]
    pub fn point(&self) -> &[u8] {
        &self.point
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bits: usize) -> Vec<u8> {
        let mut number = vec![0xff; bits.div_ceil(8)];
        number[0] >>= number.len() * 8 - bits;
        number
    }

    fn with_modulus(bits: usize) -> Result<RsaPublicKey, PublicKeyError> {
        RsaPublicKey::new(&number(bits), &[1, 0, 1])
    }

    fn with_exponent(exponent: &[u8]) -> Result<RsaPublicKey, PublicKeyError> {
        RsaPublicKey::new(&number(2048), exponent)
    }

    #[test]
    fn e12_e34_the_size_of_a_modulus_is_bounded_on_both_sides() {
        for bits in [2048, 2049, 3072, 8191, 8192] {
            assert!(with_modulus(bits).is_ok(), "{bits}");
        }
        for bits in [1, 1024, 2047, 8193, 16384] {
            let expected = PublicKeyError::ModulusBits { bits };
            assert_eq!(with_modulus(bits), Err(expected));
        }
        for zero in [&[][..], &[0; 256]] {
            let expected = PublicKeyError::ModulusBits { bits: 0 };
            assert_eq!(RsaPublicKey::new(zero, &[3]), Err(expected));
        }
    }

    #[test]
    fn e12_a_modulus_is_odd() {
        let mut even = number(2048);
        even[255] = 0xfe;
        let refused = RsaPublicKey::new(&even, &[3]);
        assert_eq!(refused, Err(PublicKeyError::EvenModulus));
    }

    #[test]
    fn e12_an_exponent_is_odd_and_from_3_to_2_to_the_33_less_1() {
        for good in [
            &[3][..],
            &[1, 0, 1],
            &[1, 0xff, 0xff, 0xff, 0xff],
            &[0, 0, 3],
        ] {
            assert!(with_exponent(good).is_ok(), "{good:?}");
        }
        let bad = [
            &[][..],
            &[0],
            &[1],
            &[2],
            &[1, 0, 0],
            &[2, 0, 0, 0, 1],
            &[1, 0, 0, 0, 0, 0, 0, 0, 1],
        ];
        for bad in bad {
            assert_eq!(with_exponent(bad), Err(PublicKeyError::Exponent), "{bad:?}");
        }
    }

    #[test]
    fn zero_bytes_at_the_beginning_are_dropped() {
        let mut padded = vec![0, 0];
        padded.extend(number(2048));
        let key = RsaPublicKey::new(&padded, &[0, 1, 0, 1]).unwrap();
        assert_eq!(key.modulus(), number(2048));
        assert_eq!(key.exponent(), [1, 0, 1]);
    }

    #[test]
    fn a_coordinate_has_the_length_of_its_curve() {
        for (curve, bytes) in [(Curve::P256, 32), (Curve::P384, 48), (Curve::P521, 66)] {
            let exact = vec![1; bytes];
            let key = EcPublicKey::new(curve, &exact, &exact).unwrap();
            assert_eq!((key.point()[0], key.point().len()), (4, 1 + 2 * bytes));
            for wrong in [bytes - 1, bytes + 1] {
                let expected = Err(PublicKeyError::Coordinate { bytes });
                assert_eq!(EcPublicKey::new(curve, &vec![1; wrong], &exact), expected);
                assert_eq!(EcPublicKey::new(curve, &exact, &vec![1; wrong]), expected);
            }
        }
    }

    #[test]
    fn e02_e10_a_key_fits_the_algorithms_of_its_family_and_no_hmac() {
        use Algorithm as A;
        let ec = |curve: Curve| {
            let coordinate = vec![1; curve.coordinate_bytes()];
            PublicKey::Ec(EcPublicKey::new(curve, &coordinate, &coordinate).unwrap())
        };
        let rsa = [A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512];
        for (key, fitting) in [
            (PublicKey::Rsa(with_modulus(2048).unwrap()), &rsa[..]),
            (ec(Curve::P256), &[A::Es256]),
            (ec(Curve::P384), &[A::Es384]),
            (ec(Curve::P521), &[A::Es512]),
            (PublicKey::Ed25519([0; 32]), &[A::EdDsa]),
        ] {
            let found: Vec<A> = A::ALL.into_iter().filter(|a| key.fits(*a)).collect();
            assert_eq!(found, fitting, "{key:?}");
        }
    }
}
