//! Functions of a type: registered by the `impl` block around them, which knows the name of the type.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, ImplItem, ItemImpl, Meta};

use crate::registration::{Function, conditions, registration};

/// Registers the functions of a block that ask for it, and takes their attributes off.
pub(crate) fn registrations(args: &TokenStream, block: &mut ItemImpl) -> syn::Result<TokenStream> {
    let mut asking = Vec::new();
    for (index, item) in block.items.iter_mut().enumerate() {
        if let ImplItem::Fn(function) = item {
            let (ours, others) = function.attrs.drain(..).partition(is_receiver);
            function.attrs = others;
            let ours: Vec<Attribute> = ours;
            asking.extend(ours.into_iter().map(|attr| (index, attr)));
        }
    }
    check(args, block, &asking)?;

    let (this, of) = (&block.self_ty, block.trait_.as_ref());
    let (path, name) = match of {
        Some((_, path, _)) => (
            quote!(<#this as #path>),
            format!("<{} as {}>", written(this), written(path)),
        ),
        None => (quote!(<#this>), written(this)),
    };
    let mut registrations = TokenStream::new();
    for (index, attr) in asking {
        let ImplItem::Fn(function) = &block.items[index] else {
            continue;
        };
        let args = match attr.meta {
            Meta::List(list) => list.tokens,
            Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
        };
        let ident = &function.sig.ident;
        let mut conditions = conditions(&function.attrs);
        conditions.extend(self::conditions(&block.attrs));
        registrations.extend(registration(
            args,
            &Function {
                signature: &function.sig,
                conditions,
                path: quote!(#path::#ident),
                name: format!("{name}::{ident}"),
            },
        )?);
    }
    Ok(registrations)
}

fn is_receiver(attr: &Attribute) -> bool {
    let last = attr.path().segments.last();
    last.is_some_and(|segment| segment.ident == "receiver")
}

/// Refuses a block whose functions could never be receivers, with a message that says why.
fn check(args: &TokenStream, block: &ItemImpl, asking: &[(usize, Attribute)]) -> syn::Result<()> {
    if !args.is_empty() {
        return Err(syn::Error::new_spanned(
            args,
            "on an `impl` block the attribute takes no arguments: write `#[receiver]` here, and the signal on each function",
        ));
    }
    if !block.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(
            &block.generics,
            "a function of a generic type cannot be registered; connect it with its types written out",
        ));
    }
    if asking.is_empty() {
        return Err(syn::Error::new_spanned(
            &block.self_ty,
            "no function of this block is a receiver; write `#[receiver(SIGNAL)]` on one",
        ));
    }
    Ok(())
}

/// A type or a path as it is written in a source.
fn written(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}
