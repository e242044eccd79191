//! The traits that other crates implement, and their forms in memory.

#[cfg(feature = "aws-lc-rs")]
pub(crate) mod aws_lc_crypto;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "the builders choose once a dance can need signatures"
    )
)]
pub(crate) mod chosen_crypto;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod crypto;
pub(crate) mod entropy;
pub(crate) mod in_time;
pub(crate) mod memory_pending;
pub(crate) mod memory_sessions;
pub(crate) mod memory_store;
pub(crate) mod null_store;
pub(crate) mod pending_store;
#[cfg(feature = "ring")]
pub(crate) mod ring_crypto;
pub(crate) mod session_store;
pub(crate) mod token_store;
