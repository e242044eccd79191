//! Reads the forms of a page.

use super::page::Page;
use super::tags::tags;

/// A form, as far as a browser without a person submits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) action: String,
    /// The hidden fields.
    pub(crate) fields: Vec<(String, String)>,
}

impl Page {
    /// Returns the value of the first `<input>` of this name, which is empty if the field has none.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<String> {
        self.inputs(name).into_iter().next()
    }

    /// Returns the values of every `<input>` of this name, for example of a row of checkboxes.
    #[must_use]
    pub fn inputs(&self, name: &str) -> Vec<String> {
        tags(&self.text())
            .iter()
            .filter(|tag| tag.is("input") && tag.attribute("name") == Some(name))
            .map(|tag| tag.attribute("value").unwrap_or_default().to_owned())
            .collect()
    }

    /// The first form of the page that is posted.
    pub(crate) fn form(&self) -> Option<Form> {
        let tags = tags(&self.text());
        let mut tags = tags.iter();
        let form = tags.find(|tag| {
            let method = tag.attribute("method").unwrap_or_default();
            tag.is("form") && method.eq_ignore_ascii_case("post")
        })?;
        let fields = tags
            .take_while(|tag| !tag.is("/form"))
            .filter(|tag| tag.is("input"))
            .filter(|tag| {
                let kind = tag.attribute("type").unwrap_or_default();
                kind.eq_ignore_ascii_case("hidden")
            })
            .filter_map(|tag| {
                let value = tag.attribute("value").unwrap_or_default().to_owned();
                tag.attribute("name").map(|name| (name.to_owned(), value))
            })
            .collect();
        Some(Form {
            action: form.attribute("action").unwrap_or_default().to_owned(),
            fields,
        })
    }
}
