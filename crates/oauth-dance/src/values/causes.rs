//! The texts of an error and of what caused it.

use std::error::Error;

/// Returns the texts of an error and of its sources, the error first. A source that its error has said already is left
/// out: many errors print their source, too.
pub(crate) fn causes(error: Option<&(dyn Error + 'static)>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for error in std::iter::successors(error, |error| (**error).source()) {
        let text = error.to_string();
        let is_said = texts.last().is_some_and(|last| last.ends_with(&text));
        if !is_said {
            texts.push(text);
        }
    }
    texts
}
