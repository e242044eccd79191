//! Asks the receivers of a signal one after the other, under one deadline.

use std::convert::Infallible;

use signals::ReceiverInfo;
use tokio::time::{Instant, timeout_at};

use crate::dance::Dance;
use crate::dance::events;
use crate::dance::signal_set::{Payload, signal};
use crate::values::login_error::{Failed, LoginError};

/// Returns when the receivers of a signal that is sent now have to be done.
pub(crate) fn deadline(dance: &Dance) -> Instant {
    Instant::now() + dance.site().receiver_deadline
}

/// Runs every receiver in order and hands each outcome to `heard`, with the name of its receiver.
///
/// If a receiver fails, the later ones still run, and the first failure is the result. If a receiver is
/// not done at the deadline, the later ones do not run.
pub(crate) async fn ask<P: Payload>(
    dance: &Dance,
    payload: &P,
    heard: impl FnMut(&ReceiverInfo, P::Outcome),
) -> Result<(), Failed> {
    ask_until(deadline(dance), dance, payload, heard).await
}

async fn ask_until<P: Payload>(
    deadline: Instant,
    dance: &Dance,
    payload: &P,
    mut heard: impl FnMut(&ReceiverInfo, P::Outcome),
) -> Result<(), Failed> {
    let signal = signal::<P>(dance);
    let mut walk = signal.emit(dance, payload);
    let mut result = Ok(());
    loop {
        match timeout_at(deadline, walk.next()).await {
            Ok(None) => return result,
            Ok(Some(answer)) => {
                let receiver = answer.receiver().clone();
                match answer.into_result() {
                    Ok(outcome) => outcome.into_iter().for_each(|it| heard(&receiver, it)),
                    Err(cause) => {
                        let receiver = receiver.name().to_owned();
                        events::receiver_failed(dance, signal.name(), &receiver, &cause);
                        if result.is_ok() {
                            let failure = LoginError::ReceiverFailed { receiver };
                            result = Err(Failed::because(failure, cause));
                        }
                    }
                }
            }
            Err(_) => {
                let receiver = walk
                    .running()
                    .map_or_else(String::new, |receiver| receiver.name().to_owned());
                events::receiver_timed_out(dance, signal.name(), &receiver);
                return Err(LoginError::ReceiverTimeout { receiver }.into());
            }
        }
    }
}

/// Sends a payload that receivers cannot answer, so that every receiver runs: each has a deadline of its own,
/// and one that fails or takes too long does not hold up the later ones. Returns the first failure.
pub(crate) async fn tell_each<P: Payload<Outcome = Infallible>>(
    dance: &Dance,
    payload: &P,
) -> Result<(), Failed> {
    let signal = signal::<P>(dance);
    let mut walk = signal.emit(dance, payload);
    let mut result = Ok(());
    loop {
        let failed = match timeout_at(deadline(dance), walk.next()).await {
            Ok(None) => return result,
            Ok(Some(answer)) => {
                let receiver = answer.receiver().name().to_owned();
                let Err(cause) = answer.into_result() else {
                    continue;
                };
                events::receiver_failed(dance, signal.name(), &receiver, &cause);
                Failed::because(LoginError::ReceiverFailed { receiver }, cause)
            }
            Err(_) => {
                let receiver = walk.abandon().map(|it| it.name().to_owned());
                let receiver = receiver.unwrap_or_default();
                events::receiver_timed_out(dance, signal.name(), &receiver);
                LoginError::ReceiverTimeout { receiver }.into()
            }
        };
        if result.is_ok() {
            result = Err(failed);
        }
    }
}

/// Sends a payload that receivers cannot answer. Their failures change nothing.
pub(crate) async fn tell<P: Payload<Outcome = Infallible>>(dance: &Dance, payload: &P) {
    tell_until(deadline(dance), dance, payload).await;
}

/// Sends a payload as [`tell`] does, when several sends have one deadline.
pub(crate) async fn tell_until<P: Payload<Outcome = Infallible>>(
    deadline: Instant,
    dance: &Dance,
    payload: &P,
) {
    // A receiver's failure is logged, and reaches the observers of the bus.
    let _ = ask_until(deadline, dance, payload, |_, never| match never {}).await;
}
