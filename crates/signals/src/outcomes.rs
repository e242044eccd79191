//! The result of a whole send: the outcomes and the failures, in order.

use std::fmt;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::answer::{Answer, IntoAnswer, Verdict, sealed};
use crate::failure::Failure;
use crate::info::ReceiverInfo;
use crate::unread;

/// The answers of the receivers of one send, in the order in which they ran.
///
/// Receivers that returned no outcome are counted by [`ran`](Self::ran), and not listed: a send to a
/// thousand silent receivers allocates nothing. To see every receiver, use [`emit`](crate::Signal::emit)
/// or a [`Recorder`](crate::Recorder).
///
/// Failures that the sender does not read are reported when this value is dropped: as one line each on standard error,
/// as warnings with the feature `tracing`, or to the hook of [`on_unread_failure`](crate::on_unread_failure()). The sender
/// reads them with [`failures`](Self::failures), [`answers`](Self::answers), [`into_result`](Self::into_result) or by
/// iterating over the answers.
#[derive(Debug)]
pub struct Outcomes<O> {
    /// Boxed, so that the outcomes of silent receivers are two words: made, handed back and dropped in
    /// registers.
    answers: Option<Box<Answers<O>>>,
    ran: Count,
}

/// A number that is kept as the next greater one, so that an `Option` of outcomes has two words as well.
#[derive(Clone, Copy)]
struct Count(NonZero<usize>);

impl Count {
    #[inline(always)]
    const fn new(count: usize) -> Self {
        // Receivers in memory are counted, which are not that many.
        Self(NonZero::<usize>::MIN.saturating_add(count))
    }

    const fn get(self) -> usize {
        self.0.get() - 1
    }
}

impl fmt::Debug for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// The answers that are not nothing.
#[derive(Debug)]
pub(crate) struct Answers<O> {
    list: Vec<Answer<O>>,
    /// Whether there are failures among them that have not been looked at.
    are_unread: AtomicBool,
}

impl<O> Default for Answers<O> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            are_unread: AtomicBool::new(false),
        }
    }
}

impl<O> Answers<O> {
    /// Takes in an answer of which is known that it is not nothing. It is made where it stays: to move what has just been
    /// written costs more than to make it.
    #[inline(always)]
    pub(crate) fn push(&mut self, is_failure: bool, answer: impl FnOnce() -> Answer<O>) {
        self.list.extend(std::iter::once_with(answer));
        *self.are_unread.get_mut() |= is_failure;
    }

    fn read(&self) -> &[Answer<O>] {
        if self.are_unread.load(Ordering::Relaxed) {
            self.are_unread.store(false, Ordering::Relaxed);
        }
        &self.list
    }

    /// Reports failures that are about to be dropped, if the sender has not read them.
    fn tell_unread(&mut self) {
        if !std::mem::take(self.are_unread.get_mut()) {
            return;
        }
        for answer in &self.list {
            if let Some(failure) = answer.failure() {
                unread::tell(None, answer.receiver(), failure);
            }
        }
    }
}

impl<O> Drop for Answers<O> {
    fn drop(&mut self) {
        self.tell_unread();
    }
}

impl<O> Outcomes<O> {
    pub(crate) const fn new() -> Self {
        Self {
            answers: None,
            ran: Count::new(0),
        }
    }

    /// Counts receivers that have run.
    pub(crate) const fn count(&mut self, receivers: usize) {
        self.ran = Count::new(self.ran() + receivers);
    }

    /// Takes in what a receiver said, and leaves nothing in its place. Out of line, for most have nothing to say.
    #[inline(never)]
    pub(crate) fn add(&mut self, said: &mut Verdict<O>, receiver: impl FnOnce() -> ReceiverInfo) {
        let Ok(outcome) = said else {
            let said = std::mem::replace(said, Ok(None));
            let answers = self.answers.get_or_insert_default();
            return answers.push(true, || Answer::new(receiver(), said));
        };
        if let Some(outcome) = outcome.take() {
            let answers = self.answers.get_or_insert_default();
            answers.push(false, || Answer::new(receiver(), Ok(Some(outcome))));
        }
    }

    fn push(&mut self, answer: Answer<O>) {
        let (receiver, mut said) = answer.into_parts();
        self.count(1);
        self.add(&mut said, || receiver);
    }

    /// Returns the first outcome, if any receiver returned one.
    pub fn first(&self) -> Option<&O> {
        self.unread().iter().find_map(Answer::outcome)
    }

    /// Turns the answers into the first outcome, if any receiver returned one.
    pub fn into_first(self) -> Option<O> {
        self.into_outcomes().next().map(|(_, outcome)| outcome)
    }

    /// Turns the answers into one result: the first failure if any receiver failed, and else the first outcome.
    ///
    /// A receiver that sends another signal hands on what came of that in this way, or returns the outcomes as they are.
    /// Further failures count as unread.
    ///
    /// ```
    /// use signals::{Failure, Signal};
    ///
    /// static STORED: Signal<str, u32, ()> = Signal::new("stored");
    /// static SAVED: Signal<str, u32, ()> = Signal::new("saved");
    ///
    /// STORED.connect(|_: &str, _: &u32| Err::<(), _>("disk full"));
    /// SAVED.connect(|who: &str, id: &u32| -> Result<(), Failure> {
    ///     STORED.send(who, id).into_result()?;
    ///     Ok(())
    /// });
    ///
    /// let failure = SAVED.send("editor", &7).into_result().unwrap_err();
    /// assert_eq!(failure.to_string(), "disk full");
    /// ```
    ///
    /// # Errors
    ///
    /// The first failure.
    pub fn into_result(mut self) -> Result<Option<O>, Failure> {
        if let Some(answers) = &mut self.answers {
            let failed = |answer: &Answer<O>| answer.failure().is_some();
            if let Some(first) = answers.list.iter().position(failed) {
                return answers.list.remove(first).into_result();
            }
        }
        Ok(self.into_first())
    }

    /// Returns the outcomes, each with the receiver that returned it.
    pub fn outcomes(&self) -> impl Iterator<Item = (&ReceiverInfo, &O)> {
        self.unread()
            .iter()
            .filter_map(|answer| Some((answer.receiver(), answer.outcome()?)))
    }

    /// Turns the answers into the outcomes, each with the receiver that returned it. Failures that have not been read are
    /// reported and dropped.
    pub fn into_outcomes(mut self) -> impl Iterator<Item = (ReceiverInfo, O)> {
        if let Some(answers) = &mut self.answers {
            answers.tell_unread();
        }
        self.take().into_iter().filter_map(|answer| {
            let (receiver, verdict) = answer.into_parts();
            Some((receiver, verdict.ok().flatten()?))
        })
    }

    /// Returns the failures, each with the receiver that failed.
    pub fn failures(&self) -> impl Iterator<Item = (&ReceiverInfo, &Failure)> {
        self.answers()
            .iter()
            .filter_map(|answer| Some((answer.receiver(), answer.failure()?)))
    }

    /// Returns outcomes and failures together, in the order in which the receivers ran.
    pub fn answers(&self) -> &[Answer<O>] {
        self.answers.as_deref().map_or(&[], Answers::read)
    }

    /// The answers, for those who do not ask for failures.
    fn unread(&self) -> &[Answer<O>] {
        let answers = self.answers.as_deref();
        answers.map_or(&[], |answers| &answers.list)
    }

    fn take(mut self) -> Vec<Answer<O>> {
        let answers = self.answers.as_mut();
        answers.map_or_else(Vec::new, |answers| std::mem::take(&mut answers.list))
    }

    /// Returns whether there is neither an outcome nor a failure.
    pub const fn is_empty(&self) -> bool {
        self.answers.is_none()
    }

    /// Returns how many receivers ran, including those that returned no outcome.
    pub const fn ran(&self) -> usize {
        self.ran.get()
    }
}

/// Out of line, so that where a signal is sent there is but a test whether there are any answers.
#[cold]
#[inline(never)]
fn discard<O>(answers: Option<Box<Answers<O>>>) {
    drop(answers);
}

impl<O> Drop for Outcomes<O> {
    #[inline]
    fn drop(&mut self) {
        if self.answers.is_some() {
            discard(self.answers.take());
        }
    }
}

impl<O> IntoIterator for Outcomes<O> {
    type Item = Answer<O>;
    type IntoIter = std::vec::IntoIter<Answer<O>>;

    fn into_iter(self) -> Self::IntoIter {
        self.take().into_iter()
    }
}

impl<'a, O> IntoIterator for &'a Outcomes<O> {
    type Item = &'a Answer<O>;
    type IntoIter = std::slice::Iter<'a, Answer<O>>;

    fn into_iter(self) -> Self::IntoIter {
        self.answers().iter()
    }
}

impl<O> sealed::Sealed<O> for Outcomes<O> {}

/// The result of a send of another signal, handed on.
#[diagnostic::do_not_recommend]
impl<O> IntoAnswer<O> for Outcomes<O> {
    fn into_answer(self) -> Result<Option<O>, Failure> {
        self.into_result()
    }
}

impl<O> Extend<Answer<O>> for Outcomes<O> {
    fn extend<I: IntoIterator<Item = Answer<O>>>(&mut self, answers: I) {
        for answer in answers {
            self.push(answer);
        }
    }
}

impl<O> FromIterator<Answer<O>> for Outcomes<O> {
    fn from_iter<I: IntoIterator<Item = Answer<O>>>(answers: I) -> Self {
        let mut outcomes = Self::new();
        outcomes.extend(answers);
        outcomes
    }
}
