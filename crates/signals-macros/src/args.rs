//! The arguments of the attribute: a signal, then options in any order.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, LitStr, Path, Token};

pub(crate) struct Args {
    pub(crate) signal: Path,
    pub(crate) name: Option<LitStr>,
    /// Where the `signals` crate is found.
    pub(crate) krate: Option<Path>,
    /// The calls on the builder, in the order in which they were written.
    pub(crate) options: Vec<TokenStream>,
    /// An option that only an async function can have.
    pub(crate) async_only: Option<Ident>,
}

const KNOWN: &str = "`order`, `name`, `before`, `after`, `from`, `when`, `once`, `times`, `key`, `timeout`, `detached`, `crate`";

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Err(
                input.error("the attribute needs a signal: write `#[receiver(SIGNAL)]` with the path of a `static`")
            );
        }
        let mut args = Self {
            signal: input.parse().map_err(|error| {
                syn::Error::new(
                    error.span(),
                    "the first argument has to be the path of a `static` signal",
                )
            })?,
            name: None,
            krate: None,
            options: Vec::new(),
            async_only: None,
        };
        let mut seen = HashSet::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            // `crate` is a keyword, so any word will do.
            let word = input.call(Ident::parse_any)?;
            args.option(&word, input)?;
            let repeatable = word == "before" || word == "after" || word == "when";
            let option = if word == "once" {
                "times".to_owned()
            } else {
                word.to_string()
            };
            if !seen.insert(option) && !repeatable {
                return Err(syn::Error::new(
                    word.span(),
                    format!("`{word}` is set twice"),
                ));
            }
        }
        Ok(args)
    }
}

impl Args {
    fn option(&mut self, word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        if word == "detached" || word == "timeout" {
            self.async_only = Some(word.clone());
        }
        match word.to_string().as_str() {
            "once" | "detached" => self.options.push(quote!(.#word())),
            "name" => self.name = Some(value(word, input)?),
            "crate" => self.krate = Some(value(word, input)?),
            "order" | "times" | "timeout" => {
                let number: Expr = value(word, input)?;
                self.options.push(quote!(.#word(#number)));
            }
            "before" | "after" | "key" => {
                let text: LitStr = value(word, input)?;
                self.options.push(quote!(.#word(#text)));
            }
            "from" => {
                let sender: Expr = value(word, input)?;
                self.options.push(quote!(.from(&#sender)));
            }
            "when" => {
                let condition: Expr = value(word, input)?;
                self.options.push(quote!(.when(#condition)));
            }
            _ => {
                return Err(syn::Error::new(
                    word.span(),
                    format!("`{word}` is not an option of a receiver; the options are {KNOWN}"),
                ));
            }
        }
        Ok(())
    }
}

fn value<T: Parse>(word: &Ident, input: ParseStream<'_>) -> syn::Result<T> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(
            word.span(),
            format!("`{word}` needs a value: `{word} = …`"),
        ));
    }
    input.parse::<Token![=]>()?;
    input.parse()
}
