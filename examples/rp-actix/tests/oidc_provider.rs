//! The suite of the relying parties against `oidc-provider` from npm, for this one.

#[path = "../../rp-axum/tests/oidc_provider.rs"]
mod suite;

fn main() -> std::process::ExitCode {
    suite::main()
}
