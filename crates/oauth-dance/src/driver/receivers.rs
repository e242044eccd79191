//! Asks the receivers of a signal one after the other, under one deadline.

use signals::{AsyncSignal, ReceiverInfo};
use tokio::time::{Instant, timeout_at};

use crate::dance::Dance;
use crate::values::failure::{Failed, LoginFailure};

/// Runs every receiver in order and hands each outcome to `heard`, with the receiver it is from.
///
/// All receivers run, also behind one that failed; the first failure is the result. Behind one that
/// was not done at the deadline none runs any more.
pub(super) async fn ask<P, O>(
    dance: &Dance,
    signal: &'static AsyncSignal<Dance, P, O>,
    payload: &P,
    mut heard: impl FnMut(&ReceiverInfo, O),
) -> Result<(), Failed>
where
    P: Send + Sync + 'static,
    O: Send + 'static,
{
    let signal = dance.signal(signal);
    // A deadline beyond the end of time is none.
    let deadline = Instant::now().checked_add(dance.site().receiver_deadline);
    let mut walk = signal.emit(dance, payload);
    let mut result = Ok(());
    loop {
        let next = walk.next();
        let answered = match deadline {
            Some(deadline) => timeout_at(deadline, next).await,
            None => Ok(next.await),
        };
        match answered {
            Ok(None) => return result,
            Ok(Some(answer)) => {
                let receiver = answer.receiver().clone();
                match answer.into_result() {
                    Ok(outcome) => outcome.into_iter().for_each(|it| heard(&receiver, it)),
                    Err(cause) => {
                        let receiver = receiver.name().to_owned();
                        #[cfg(feature = "tracing")]
                        log(dance, signal.name(), &receiver);
                        if result.is_ok() {
                            let failure = LoginFailure::ReceiverFailed { receiver };
                            result = Err(Failed::because(failure, cause));
                        }
                    }
                }
            }
            Err(_) => {
                let receiver = walk
                    .running()
                    .map_or_else(String::new, |receiver| receiver.name().to_owned());
                return Err(LoginFailure::ReceiverTimeout { receiver }.into());
            }
        }
    }
}

/// Tells receivers something that they can do nothing about; what becomes of them changes nothing.
pub(crate) async fn tell<P>(
    dance: &Dance,
    signal: &'static AsyncSignal<Dance, P, std::convert::Infallible>,
    payload: &P,
) where
    P: Send + Sync + 'static,
{
    // A receiver's failure reaches the observers of the bus.
    let _ = ask(dance, signal, payload, |_, never| match never {}).await;
}

/// A receiver's error may hold anything, so its text stays with the application.
#[cfg(feature = "tracing")]
fn log(dance: &Dance, signal: &str, receiver: &str) {
    tracing::warn!(dance = dance.name(), signal, receiver, "a receiver failed");
}
