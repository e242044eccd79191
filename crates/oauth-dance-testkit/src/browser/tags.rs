//! Reads the tags of a page, with attributes in all the ways that HTML writes them. It builds no tree.

/// A tag and its attributes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// In lower case. The name of an end tag begins with `/`.
    name: String,
    /// The names are in lower case.
    attributes: Vec<(String, String)>,
}

impl Tag {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// The value of an attribute, which is empty if the attribute has none.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        let found = all.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The tags of a page in their order, without those in comments, scripts and style sheets.
pub(super) fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some((tag, after_tag)) = tag(after) else {
            rest = after;
            continue;
        };
        rest = after_tag;
        if tag.is("script") || tag.is("style") {
            let end = format!("</{}", tag.name);
            let end = rest.to_ascii_lowercase().find(&end);
            rest = end.map_or("", |end| &rest[end..]);
        }
        tags.push(tag);
    }
    tags
}

/// Reads a tag after its `<`. Returns what comes after its `>` too.
fn tag(text: &str) -> Option<(Tag, &str)> {
    let name = text.strip_prefix('/').unwrap_or(text);
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let end = text[1..].find(|it: char| it.is_ascii_whitespace() || matches!(it, '/' | '>'))?;
    let (name, mut rest) = text.split_at(end + 1);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|it: char| it.is_ascii_whitespace() || it == '/');
        if let Some(after) = rest.strip_prefix('>') {
            let name = name.to_ascii_lowercase();
            return Some((Tag { name, attributes }, after));
        }
        let end =
            rest.find(|it: char| it.is_ascii_whitespace() || matches!(it, '/' | '>' | '='))?;
        // A name may begin with `=`, which is an error that browsers read like this.
        let (name, after) = rest.split_at(end.max(1));
        let (value, after) = value(after)?;
        attributes.push((name.to_ascii_lowercase(), unescaped(value)));
        rest = after;
    }
}

/// Reads the value of an attribute after its name, if it has one.
fn value(text: &str) -> Option<(&str, &str)> {
    let Some(value) = text.trim_ascii_start().strip_prefix('=') else {
        return Some(("", text));
    };
    let value = value.trim_ascii_start();
    for quote in ['"', '\''] {
        if let Some(value) = value.strip_prefix(quote) {
            return value.split_once(quote);
        }
    }
    let end = value.find(|it: char| it.is_ascii_whitespace() || it == '>')?;
    Some(value.split_at(end))
}

/// The five characters every HTML escaper escapes.
fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&apos;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Vec<(String, Vec<(String, String)>)> {
        let tags = tags(html).into_iter();
        tags.map(|tag| (tag.name, tag.attributes)).collect()
    }

    fn one(html: &str, attributes: &[(&str, &str)]) {
        let attributes = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(read(html), [("input".to_owned(), attributes)], "{html}");
    }

    #[test]
    fn attributes_are_read_in_all_their_ways() {
        let expected = [("name", "a"), ("value", "b")];
        for html in [
            r#"<input name="a" value="b">"#,
            "<input name='a' value='b'>",
            "<input name=a value=b>",
            "<INPUT\n\tNAME = a\n\tVALUE = 'b'\n/>",
            r#"<input name="a"value="b"/>"#,
        ] {
            one(html, &expected);
        }
        one(
            "<input disabled name=a>",
            &[("disabled", ""), ("name", "a")],
        );
        one("<input value=/a/b>", &[("value", "/a/b")]);
        one(
            r#"<input value="a > b &amp; &quot;c&quot;">"#,
            &[("value", r#"a > b & "c""#)],
        );
    }

    #[test]
    fn text_that_is_no_tag_is_passed_over() {
        for html in [
            "1 < 2",
            "<!-- <input> -->",
            "<",
            "<input",
            "<input name",
            "<input name='a",
            "<input =",
            "< input>",
            "<é>",
        ] {
            assert_eq!(read(html), [], "{html}");
        }
        one("<!doctype html><!-- <p> --><input>", &[]);
        let names: Vec<_> = tags("<Script>'<input>'</script><p>")
            .into_iter()
            .map(|tag| tag.name)
            .collect();
        assert_eq!(names, ["script", "/script", "p"]);
    }
}
