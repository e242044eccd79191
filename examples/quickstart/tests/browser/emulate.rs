//! What Chromium is told about the screen: its width, and whether the person likes it dark.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// Light or dark, as in `prefers-color-scheme`.
pub(crate) async fn colour_scheme(browser: &Client, scheme: &str) {
    let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
    let parameters = json!({ "features": features });
    send(browser, "Emulation.setEmulatedMedia", parameters).await;
}

/// The width of the viewport, in CSS pixels.
pub(crate) async fn width(browser: &Client, pixels: u32) {
    let parameters = json!({
        "width": pixels,
        "height": 800,
        "deviceScaleFactor": 1,
        "mobile": false,
    });
    send(browser, "Emulation.setDeviceMetricsOverride", parameters).await;
}

async fn send(browser: &Client, name: &'static str, parameters: Value) {
    let command = DevTools { name, parameters };
    browser
        .issue_cmd(command)
        .await
        .expect("Chromium emulates it");
}

/// A command of the Chrome DevTools Protocol, which chromedriver passes on.
#[derive(Debug)]
struct DevTools {
    name: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        let session = session_id.expect("a session");
        base_url.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.name, "params": self.parameters });
        (Method::POST, Some(body.to_string()))
    }
}
