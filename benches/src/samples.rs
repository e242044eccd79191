//! Samples taken in turn, and what they come to.

use std::time::{Duration, Instant};

use crate::waits::Waits;

/// The nanoseconds of one call, on average over `calls` of them, after some that do not count.
///
/// Begins anew when the thread had to wait for a processor meanwhile, but not for ever.
#[inline(always)]
pub fn time(calls: u32, mut call: impl FnMut()) -> f64 {
    const TRIES: usize = 8;
    let waits = Waits::of_this_thread();
    for _ in 0..calls / 8 {
        call();
    }
    let mut took = Duration::ZERO;
    for _ in 0..TRIES {
        let before = waits.so_far();
        let start = Instant::now();
        for _ in 0..calls {
            call();
        }
        took = start.elapsed();
        if waits.so_far() == before {
            break;
        }
    }
    took.as_secs_f64() * 1e9 / f64::from(calls)
}

/// Samples of several candidates, taken in rounds of one each, so that whatever else the machine does falls
/// on all of them alike. A sample that could not be taken is not a number, and neither is what comes of none.
#[derive(Debug)]
pub struct Samples {
    rounds: Vec<Vec<f64>>,
}

impl Samples {
    /// Takes `rounds` samples of each candidate. The first round warms up and does not count; each begins
    /// with another candidate.
    pub fn take(rounds: usize, candidates: &mut [&mut dyn FnMut() -> f64]) -> Self {
        let round = |first: usize, candidates: &mut [&mut dyn FnMut() -> f64]| {
            let mut samples = vec![0.0; candidates.len()];
            for turn in 0..candidates.len() {
                let index = (first + turn) % candidates.len();
                samples[index] = candidates[index]();
            }
            samples
        };
        round(0, candidates);
        Self {
            rounds: (0..rounds).map(|first| round(first, candidates)).collect(),
        }
    }

    /// What the candidate took, in the middle.
    #[must_use]
    pub fn median(&self, candidate: usize) -> f64 {
        self.middle(|round| round[candidate])
    }

    /// How often it took what the other took, in the middle of the rounds.
    #[must_use]
    pub fn ratio(&self, candidate: usize, other: usize) -> f64 {
        self.middle(|round| round[candidate] / round[other])
    }

    /// How much more it took than the other, in the middle of the rounds.
    #[must_use]
    pub fn difference(&self, candidate: usize, other: usize) -> f64 {
        self.middle(|round| round[candidate] - round[other])
    }

    fn middle(&self, of: impl Fn(&[f64]) -> f64) -> f64 {
        let values = self.rounds.iter().map(|round| of(round));
        let values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
        if values.is_empty() {
            f64::NAN
        } else {
            median(&values)
        }
    }
}

/// The median of `values`; of an even number the upper of the two in the middle.
///
/// # Panics
///
/// If there are none.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::{Samples, median};

    #[test]
    fn the_median_does_not_mind_outliers() {
        assert!((median(&[3.0, 1.0, 1000.0]) - 3.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        // The machine slows down, and in the last round it holds up the first candidate alone.
        let rounds = vec![vec![2.0, 1.0], vec![8.0, 4.0], vec![90.0, 5.0]];
        let samples = Samples { rounds };
        assert!((samples.ratio(0, 1) - 2.0).abs() < f64::EPSILON);
        assert!((samples.difference(0, 1) - 4.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_sample_that_could_not_be_taken_does_not_count() {
        let rounds = vec![vec![f64::NAN, 1.0], vec![3.0, 1.0], vec![f64::NAN, 1.0]];
        assert!((Samples { rounds }.ratio(0, 1) - 3.0).abs() < f64::EPSILON);
    }

    #[test]
    fn each_round_takes_one_sample_of_each() {
        let (mut first, mut second) = (0, 0);
        Samples::take(
            3,
            &mut [
                &mut || {
                    first += 1;
                    1.0
                },
                &mut || {
                    second += 1;
                    1.0
                },
            ],
        );
        assert_eq!((first, second), (4, 4), "three rounds, and one to warm up");
    }
}
