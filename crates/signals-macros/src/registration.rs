//! The registration of one function: what is written beside it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Attribute, FnArg, Ident, ReturnType, Signature};

use crate::args::Args;
use crate::home;

/// A function to be registered.
pub(crate) struct Function<'a> {
    pub(crate) signature: &'a Signature,
    /// The `cfg` attributes that decide whether it is there.
    pub(crate) conditions: Vec<&'a Attribute>,
    /// Names it in the module that the attribute stands in.
    pub(crate) path: TokenStream,
    /// The path as it is written in a source.
    pub(crate) name: String,
}

pub(crate) fn conditions(attrs: &[Attribute]) -> Vec<&Attribute> {
    let conditions = attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    conditions.collect()
}

pub(crate) fn registration(args: TokenStream, function: &Function<'_>) -> syn::Result<TokenStream> {
    let Function {
        signature,
        conditions,
        path,
        name: default_name,
    } = function;
    check(signature)?;
    let Args {
        signal,
        name,
        krate,
        options,
        async_only,
    } = syn::parse2(args)?;
    // One that returns something may return a future.
    let is_plain = signature.asyncness.is_none() && matches!(signature.output, ReturnType::Default);
    if let Some(word) = async_only.filter(|_| is_plain) {
        return Err(syn::Error::new(
            word.span(),
            format!("`{word}` is an option of async receivers; make this an `async fn`"),
        ));
    }

    let krate = krate.map_or_else(home::path, |path| quote!(#path));
    let name = name.map_or_else(
        || quote!(::core::concat!(::core::module_path!(), "::", #default_name)),
        |name| quote!(#name),
    );
    let span = signature.ident.span();
    // With the span of the function's name, a signature that does not fit is reported there.
    let connect = quote_spanned! { span => #signal.receiver(#path) };
    let site = quote_spanned! { span => (::core::file!(), ::core::line!(), ::core::column!()) };
    let place = quote!((::core::module_path!(), #default_name));
    // The options are code of the user, which is to see no name of this code.
    let candidates = Ident::new("candidates", Span::mixed_site());
    Ok(quote! {
        #(#conditions)*
        const _: () = {
            fn __signals_collect(#candidates: &mut dyn ::core::any::Any) {
                #connect.named(#name) #(#options)* .register(#site, #candidates);
            }

            #krate::__private::inventory::submit! {
                #krate::__private::Registration::new(|| &#signal, __signals_collect, #name, #place, #site)
            }
        };
    })
}

/// Refuses what could never be a receiver, with a message that says why.
fn check(signature: &Signature) -> syn::Result<()> {
    if let Some(FnArg::Receiver(this)) = signature.inputs.first() {
        return Err(syn::Error::new_spanned(
            this,
            "a method cannot be registered, because the bus has no object to call it on; connect it with one: `SIGNAL.connect_with(object, Type::method)`",
        ));
    }
    let generics = &signature.generics;
    let is_impl_trait = |argument: &&FnArg| match argument {
        FnArg::Typed(argument) => quote!(#argument)
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(word) if word == "impl")),
        FnArg::Receiver(_) => false,
    };
    if generics.lifetimes().count() < generics.params.len() {
        return Err(syn::Error::new_spanned(
            generics,
            "a generic function cannot be registered; connect it with its types written out",
        ));
    }
    if let Some(argument) = signature.inputs.iter().find(is_impl_trait) {
        return Err(syn::Error::new_spanned(
            argument,
            "a generic function cannot be registered; connect it with its types written out",
        ));
    }
    if signature.inputs.len() != 2 {
        return Err(syn::Error::new_spanned(
            &signature.ident,
            "a receiver takes two arguments: `(sender: &S, payload: &P)`",
        ));
    }
    Ok(())
}
