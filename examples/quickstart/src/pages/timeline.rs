//! The timeline of the last login: each signal, each receiver in order, what it answered, how long it
//! took. And, before there was one, what will run.

use std::time::Duration;

use maud::{Markup, html};
use oauth_dance::{OAUTH_AUTHORIZED, OAUTH_BEFORE_LOGIN, OAUTH_ERROR};
use signals::{CallRecord, Ran, ReceiverInfo, SendRecord};

/// The last login of a visitor that came to an end, or the receivers that wait for their first.
pub(super) fn card(sends_for_visitor: Vec<SendRecord>) -> Markup {
    let sends = last_login(sends_for_visitor);
    html! {
        section.card.timeline #timeline aria-label="Timeline" {
            @if sends.is_empty() {
                h2 { "What will run when you sign in" }
                p.soft { "Each is a function of a few lines in " code { "src/recipes/" } ". Change one and start again." }
                (waiting(OAUTH_BEFORE_LOGIN.name(), &OAUTH_BEFORE_LOGIN.receivers()))
                (waiting(OAUTH_AUTHORIZED.name(), &OAUTH_AUTHORIZED.receivers()))
                (waiting(OAUTH_ERROR.name(), &OAUTH_ERROR.receivers()))
            } @else {
                h2 { "What ran at your last login" }
                p.soft { "Every signal that was sent, and its receivers in order." }
                @for send in &sends { (sent(send)) }
            }
        }
    }
}

/// The sends from the beginning of the last login that came to an end until now.
fn last_login(mut sends: Vec<SendRecord>) -> Vec<SendRecord> {
    let ended = |send: &SendRecord| {
        ["oauth_authorized", "oauth_error", "oauth_rejected"].contains(&send.signal.as_str())
    };
    let begun = |send: &SendRecord| send.signal == OAUTH_BEFORE_LOGIN.name();
    let Some(end) = sends.iter().rposition(ended) else {
        return Vec::new();
    };
    let start = sends[..end].iter().rposition(begun).unwrap_or(end);
    let mut login = sends.split_off(start);
    // Another tab may have begun a login since; its beginning is not part of this one.
    let mut first = true;
    login.retain(|send| std::mem::take(&mut first) || !begun(send));
    login
}

fn sent(send: &SendRecord) -> Markup {
    html! {
        article.send data-signal=(send.signal) {
            h3 {
                code { (send.signal) }
                @if let Some(took) = send.took { span.took { (duration(took)) } }
            }
            p.soft {
                (meaning(&send.signal))
                @if send.calls.is_empty() { " No function listens." }
            }
            ol { @for (number, call) in (1..).zip(&send.calls) { (called(number, call)) } }
        }
    }
}

fn called(number: usize, call: &CallRecord) -> Markup {
    let (kind, said) = match &call.ran {
        Ran::Nothing => ("ok", "went on".to_owned()),
        Ran::Outcome(outcome) => ("outcome", outcome.clone()),
        Ran::Failed(failure) => ("failed", format!("failed: {failure}")),
        Ran::Skipped(why) => ("skipped", format!("skipped: {why}")),
        Ran::Running => ("running", "runs".to_owned()),
        _ => ("failed", "was given up".to_owned()),
    };
    let took = (kind != "skipped").then(|| duration(call.took));
    receiver(
        number,
        &call.receiver,
        kind,
        &html! {
            span.said { (said) }
            @if let Some(took) = took { span.took { (took) } }
        },
    )
}

fn waiting(signal: &str, receivers: &[ReceiverInfo]) -> Markup {
    html! {
        article.send {
            h3 { code { (signal) } }
            p.soft { (meaning(signal)) }
            ol { @for (number, info) in (1..).zip(receivers) { (receiver(number, info, "waiting", &html! {})) } }
        }
    }
}

fn receiver(number: usize, info: &ReceiverInfo, kind: &str, result: &Markup) -> Markup {
    // Where to look: the path below `src/` is what matters, the rest is the same for all.
    let place = info
        .file()
        .rsplit_once("src/")
        .map_or(info.file(), |(_, file)| file);
    html! {
        li data-ran=(kind) {
            // The list says the numbers to a person who hears the page.
            span.number aria-hidden="true" { (number) }
            span.receiver { (info.name()) }
            (result)
            code.place title=(info.file()) { (place) ":" (info.line()) }
        }
    }
}

fn meaning(signal: &str) -> &'static str {
    match signal {
        "oauth_before_login" => "Before the browser goes to the provider.",
        "oauth_authorized" => "The token is here and every check has passed; it is not stored yet.",
        "oauth_logged_in" => "The token is stored and the browser is signed in.",
        "oauth_error" => "The login failed.",
        "oauth_rejected" => "A callback that belongs to no login of this browser.",
        "oauth_reply_ignored" => "A receiver answered, but another had answered before.",
        "oauth_token_refreshed" => "The token had expired and was renewed.",
        "oauth_token_revoked" => "The provider took the token back.",
        "oauth_logged_out" => "The browser has signed out.",
        _ => "A signal of the application.",
    }
}

fn duration(took: Duration) -> String {
    let micros = took.as_micros();
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{:.1} ms", took.as_secs_f64() * 1e3),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}
