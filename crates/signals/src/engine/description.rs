//! What is said about a receiver, in one word: where it was connected, or all that was asked for.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::conditions::Conditions;
use crate::info::Meta;
use crate::sender::Bound;

/// What there is to say about a receiver for which an option was set.
pub(crate) struct Details<S: ?Sized, P: ?Sized> {
    pub(super) meta: Arc<Meta>,
    /// The sender it is bound to. Lists sort it in for as long as the slot is in one.
    pub(super) bound: Option<Arc<dyn Bound<S>>>,
    /// Dropped with the captures.
    pub(super) conditions: UnsafeCell<Option<Conditions<S, P>>>,
}

impl<S: ?Sized, P: ?Sized> Details<S, P> {
    pub(crate) fn new(meta: Meta, conditions: Conditions<S, P>) -> Self {
        Self {
            meta: Arc::new(meta),
            bound: conditions.bound.clone(),
            conditions: UnsafeCell::new((!conditions.is_none()).then_some(conditions)),
        }
    }
}

/// A place, or details in a box of their own: most receivers need no more than the former.
pub(super) struct Description<S: ?Sized, P: ?Sized> {
    /// A `&'static Location`, or a `Box<Details>` with the lowest bit set.
    word: NonNull<()>,
    owns: PhantomData<Box<Details<S, P>>>,
}

pub(super) enum Described<'a, S: ?Sized, P: ?Sized> {
    Place(&'static Location<'static>),
    Details(&'a Details<S, P>),
}

const DETAILS: usize = 1;

impl<S: ?Sized, P: ?Sized> Description<S, P> {
    pub(super) fn place(place: &'static Location<'static>) -> Self {
        const { assert!(align_of::<Location<'_>>() > DETAILS) };
        Self {
            word: NonNull::from(place).cast(),
            owns: PhantomData,
        }
    }

    pub(super) fn details(details: Box<Details<S, P>>) -> Self {
        const { assert!(align_of::<Details<&(), &()>>() > DETAILS) };
        let word = NonNull::from(Box::leak(details)).cast::<()>();
        Self {
            word: word.map_addr(|address| address | DETAILS),
            owns: PhantomData,
        }
    }

    pub(super) fn get(&self) -> Described<'_, S, P> {
        match self.as_details() {
            // SAFETY: it came from a box that is dropped with `self`.
            Some(details) => Described::Details(unsafe { details.as_ref() }),
            // SAFETY: without the bit it is the static place.
            None => Described::Place(unsafe { self.word.cast().as_ref() }),
        }
    }

    fn as_details(&self) -> Option<NonNull<Details<S, P>>> {
        let address = self.word.as_ptr().map_addr(|address| address & !DETAILS);
        let is_details = self.word.addr().get() & DETAILS != 0;
        NonNull::new(address.cast()).filter(|_| is_details)
    }
}

impl<S: ?Sized, P: ?Sized> Drop for Description<S, P> {
    fn drop(&mut self) {
        if let Some(details) = self.as_details() {
            // SAFETY: it came from a box, and nothing borrowed from `self` is left.
            drop(unsafe { Box::from_raw(details.as_ptr()) });
        }
    }
}
