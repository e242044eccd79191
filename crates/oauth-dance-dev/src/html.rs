//! HTML that cannot be injected into: text is escaped on the way in, and templates fill once.

use std::fmt::Write as _;

/// A piece of HTML that is safe to put into a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Escapes text for an element or a quoted attribute.
    pub(crate) fn text(text: &str) -> Self {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
        }
        Self(escaped)
    }

    /// Fills the `{{holes}}` of a template. What is filled in is not searched for holes again; a hole
    /// without a value stays empty.
    pub(crate) fn fill(template: &'static str, values: &[(&str, Html)]) -> Self {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let Some((hole, after)) = after.split_once("}}") else {
                rest = after;
                break;
            };
            if let Some((_, value)) = values.iter().find(|(name, _)| *name == hole) {
                filled.push_str(&value.0);
            }
            rest = after;
        }
        filled.push_str(rest);
        Self(filled)
    }

    /// Several pieces, one after the other.
    pub(crate) fn concat(pieces: impl IntoIterator<Item = Html>) -> Self {
        pieces.into_iter().fold(Self::default(), |mut all, piece| {
            // Writing to a string cannot fail.
            let _ = writeln!(all.0, "{}", piece.0);
            all
        })
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(
            Html::text("<script>alert('\"&')</script>").into_string(),
            "&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"
        );
    }

    #[test]
    fn a_value_is_not_searched_for_holes() {
        let html = Html::fill(
            "<p>{{one}} {{two}} {{none}}</p>",
            &[("one", Html::text("{{two}}")), ("two", Html::text("2"))],
        );
        assert_eq!(html.into_string(), "<p>{{two}} 2 </p>");
    }
}
