//! The hidden fields that tie a form to a sign-in.

use maud::{Markup, html};

/// The hidden fields that tie a form to a request and to the browser it was shown to.
pub(crate) struct FormKeys<'a> {
    /// Which open request the form decides.
    pub(crate) ticket: &'a str,
    /// Proof that this browser was shown the form.
    pub(crate) csrf: &'a str,
}

impl FormKeys<'_> {
    pub(crate) fn fields(&self) -> Markup {
        html! {
            input type="hidden" name="request" value=(self.ticket);
            input type="hidden" name="csrf" value=(self.csrf);
        }
    }
}
