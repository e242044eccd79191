//! The command line: what is wrong is said by the name of the argument, and by the exit code.

mod support;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use oauth_dance_reqwest::ReqwestClient;
use support::command;

/// The exit code, and what was printed on standard output and standard error.
#[track_caller]
fn run(args: &[&str]) -> (Option<i32>, String, String) {
    run_command(command().args(args))
}

#[track_caller]
fn run_command(command: &mut Command) -> (Option<i32>, String, String) {
    let mut process = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdout = String::new();
    let mut pipe = BufReader::new(process.stdout.take().expect("a pipe"));
    pipe.read_line(&mut stdout).expect("text");
    if stdout.starts_with("listening on") {
        process.kill().expect("it runs");
        process.wait().expect("it ends");
        panic!("it started");
    }
    pipe.read_to_string(&mut stdout).expect("text");
    let output = process.wait_with_output().expect("it ends");
    let stderr = String::from_utf8(output.stderr).expect("text");
    (output.status.code(), stdout, stderr)
}

/// Good arguments, with some replaced; an empty value leaves one out.
fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<&'a str> {
    let mut args = vec![
        ("--listen", "127.0.0.1:0"),
        ("--authorize-url", "http://127.0.0.1:1/authorize"),
        ("--token-url", "http://127.0.0.1:1/token"),
        ("--client-id", "app"),
        ("--client-secret", "secret"),
        ("--insecure-http", "!"),
    ];
    for change in changes {
        args.retain(|(name, _)| *name != change.0);
        args.push(*change);
    }
    args.retain(|(_, value)| !value.is_empty());
    args.into_iter()
        .flat_map(|(name, value)| [name, value])
        .filter(|text| *text != "!")
        .collect()
}

#[test]
fn a_wrong_argument_is_named() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("--listen", "3000")],
            "--listen: is an address and a port",
        ),
        (&[("--authorize-url", "")], "--authorize-url: is missing"),
        (&[("--token-url", "")], "--token-url: is missing"),
        (&[("--client-id", "")], "--client-id: is missing"),
        (&[("--client-secret", "")], "--client-secret: is missing"),
        (&[("--client-id", " ")], "--client-id: is empty"),
        (&[("--client-secret", " ")], "--client-secret: is empty"),
        (&[("--name", "No Name")], "--name: must be"),
        (
            &[("--token-url", "token")],
            "--token-url: is not an absolute URL",
        ),
        (
            &[("--token-url", "http://provider.example/token")],
            "--token-url: must be https",
        ),
        (
            &[("--userinfo-url", "http://provider.example/me")],
            "--userinfo-url: must be https",
        ),
        (
            &[("--revoke-url", "http://provider.example/revoke")],
            "--revoke-url: must be https",
        ),
        (
            &[("--api-base", "http://provider.example/")],
            "--api-base: must be https",
        ),
        (
            &[("--public-url", "http://app.example")],
            "--public-url: must be https",
        ),
        (
            &[("--public-url", "https://app.example/below")],
            "--public-url: must be scheme, host and port",
        ),
        (
            &[("--token-auth", "jwt")],
            "--token-auth: is basic, post or none",
        ),
        (
            &[("--token-auth", "none")],
            "--client-secret: a client with --token-auth none has no secret",
        ),
        (&[("--store", "disk")], "--store: is cookie, memory or"),
        (&[("--store", "sqlite:")], "--store: sqlite: needs a file"),
        (
            &[("--store", "sqlite:/no/such/folder/tokens.db")],
            "--store: the store failed: opening",
        ),
        (
            &[("--store", "postgres://db")],
            "--store: postgres:URL is not yet",
        ),
        (
            &[("--store", "mysql://db")],
            "--store: mysql:URL is not yet",
        ),
        (
            &[("--store", "redis://db")],
            "--store: redis:URL is not yet",
        ),
        (
            &[("--issuer", "https://provider.example")],
            "--issuer: OpenID Connect discovery is not yet",
        ),
        (
            &[("--request-token-url", "https://provider.example/")],
            "--request-token-url: OAuth 1.0a is not yet",
        ),
        (
            &[("--access-token-url", "https://provider.example/")],
            "--access-token-url: OAuth 1.0a is not yet",
        ),
        (&[("--tls", "yes")], "--tls: no such argument"),
        (&[("-v", "!")], "-v"),
        (&[("stray", "!")], "stray"),
        (
            &[("--name", "op"), ("--name=op", "!")],
            "--name: is given twice",
        ),
    ];
    for (changes, expected) in cases {
        let (code, stdout, stderr) = run(&with(changes));
        assert_eq!(code, Some(2), "{changes:?}: {stderr}");
        assert!(stderr.contains(expected), "{changes:?}: {stderr}");
        assert_eq!(stdout, "", "{changes:?}");
    }
}

#[test]
fn an_argument_without_its_value_is_named() {
    let (code, _, stderr) = run(&["--client-id"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("--client-id"), "{stderr}");
}

#[test]
fn a_key_that_is_none_is_named() {
    let mut command = command();
    command.args(with(&[])).env("OAUTH_DANCE_KEY", "not a key");
    let (code, _, stderr) = run_command(&mut command);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("OAUTH_DANCE_KEY"), "{stderr}");
}

/// The tests of a whole workspace may have TLS, when another of its programs wants it.
#[test]
fn https_without_tls_is_told_at_the_start() {
    if ReqwestClient::HAS_TLS {
        return;
    }
    for argument in [
        "--token-url",
        "--userinfo-url",
        "--revoke-url",
        "--api-base",
    ] {
        let (code, _, stderr) = run(&with(&[(argument, "https://provider.example/")]));
        assert_eq!(code, Some(2), "{argument}: {stderr}");
        let expected = format!("{argument}: https needs a program that was built with");
        assert!(stderr.contains(&expected), "{argument}: {stderr}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let (code, stdout, stderr) = run(&with(&[("--listen", &address)]));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains(&address), "{stderr}");
    assert!(stderr.contains("another program"), "{stderr}");
    assert_eq!(stdout, "");
}

#[test]
fn help_shows_the_arguments() {
    let (code, stdout, stderr) = run(&["--help"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    for argument in ["--listen", "--authorize-url", "--store", "--insecure-http"] {
        assert!(stdout.contains(argument), "{argument}");
    }
}
