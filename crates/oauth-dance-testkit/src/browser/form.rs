//! Reads the forms of a page. It understands double-quoted attributes, as in pages of one's own, and is
//! no HTML parser.

use super::page::Page;

/// A form, as far as a browser without a person submits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) action: String,
    /// The hidden fields.
    pub(crate) fields: Vec<(String, String)>,
}

impl Page {
    /// Returns the value of the first `<input>` of this name, which is empty if the field has none.
    ///
    /// It reads double-quoted attributes, which is enough for forms of one's own.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<String> {
        let text = self.text();
        let tag =
            tags(&text, "<input ").find(|tag| attribute(tag, "name").as_deref() == Some(name))?;
        Some(attribute(tag, "value").unwrap_or_default())
    }

    /// Returns the values of every `<input>` of this name, for example of a row of checkboxes.
    #[must_use]
    pub fn inputs(&self, name: &str) -> Vec<String> {
        let text = self.text();
        tags(&text, "<input ")
            .filter(|tag| attribute(tag, "name").as_deref() == Some(name))
            .map(|tag| attribute(tag, "value").unwrap_or_default())
            .collect()
    }

    /// The first form of the page that is posted.
    pub(crate) fn form(&self) -> Option<Form> {
        let text = self.text();
        let form = text
            .split("<form ")
            .skip(1)
            .filter_map(|rest| rest.split("</form>").next())
            .find(|form| {
                let tag = form.split('>').next().unwrap_or_default();
                attribute(tag, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"))
            })?;
        let fields = tags(form, "<input ")
            .filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"))
            .filter_map(|tag| {
                let value = attribute(tag, "value").unwrap_or_default();
                attribute(tag, "name").map(|name| (name, value))
            })
            .collect();
        Some(Form {
            action: attribute(form.split('>').next()?, "action").unwrap_or_default(),
            fields,
        })
    }
}

fn tags<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(start)
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = format!("{name}=\"");
    let (at, _) = tag
        .match_indices(&start)
        // The tag was cut off after its own name, so an attribute may be the first thing in it.
        .find(|(at, _)| *at == 0 || tag[..*at].ends_with(char::is_whitespace))?;
    let value = &tag[at + start.len()..];
    value.split_once('"').map(|(value, _)| unescaped(value))
}

/// The five characters every HTML escaper escapes.
fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
