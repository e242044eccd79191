//! What a receiver asked for and the dance does not have.

use std::any::type_name;

/// A value that a receiver asked for and that is missing. The text names the value and the call that adds
/// it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Missing {
    /// The application has given its receivers no value of this type.
    #[error(
        "the application has no state of type `{type_name}`: add it with `DancesBuilder::state`"
    )]
    State {
        /// The type's name.
        type_name: &'static str,
    },
    /// The browser's request carries no extension of this type.
    #[error(
        "the request carries no extension of type `{type_name}`: add the middleware that inserts it, outside of the routes of the dance"
    )]
    Extension {
        /// The type's name.
        type_name: &'static str,
    },
    /// The provider was not asked who signed in.
    #[error(
        "the dance {dance:?} does not know who signed in: give its provider a userinfo endpoint with `Provider::userinfo`, and do not call `without_identity`"
    )]
    Identity {
        /// The name of the dance.
        dance: String,
    },
}

impl Missing {
    pub(crate) fn state<T>() -> Self {
        Self::State {
            type_name: type_name::<T>(),
        }
    }

    pub(crate) fn extension<T>() -> Self {
        Self::Extension {
            type_name: type_name::<T>(),
        }
    }
}
