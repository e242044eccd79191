//! What the attribute writes: the function as it was, and a registration beside it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{FnArg, ItemFn};

use crate::args::Args;

pub(crate) fn receiver(args: TokenStream, item: &TokenStream) -> TokenStream {
    match expand(args, item.clone()) {
        Ok(registration) => quote!(#item #registration),
        Err(error) => {
            let error = error.into_compile_error();
            // The function stays, so that one mistake is reported once.
            quote!(#item #error)
        }
    }
}

fn expand(args: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let function: ItemFn = syn::parse2(item).map_err(|error| {
        syn::Error::new(
            error.span(),
            "`#[receiver]` stands on a function: `fn name(sender: &S, payload: &P)`",
        )
    })?;
    check(&function)?;
    let Args {
        signal,
        name,
        krate,
        options,
    } = syn::parse2(args)?;

    let krate = krate.map_or_else(|| quote!(::signals), |path| quote!(#path));
    let ident = &function.sig.ident;
    let name = name.map_or_else(
        || {
            quote!(::core::concat!(
                ::core::module_path!(),
                "::",
                ::core::stringify!(#ident)
            ))
        },
        |name| quote!(#name),
    );
    let conditions = function
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"));
    // With the span of the function's name, a signature that does not fit is reported there.
    let connect = quote_spanned! { ident.span() => #signal.receiver(#ident) };
    let site = quote_spanned! { ident.span() =>
        (::core::file!(), ::core::line!(), ::core::column!())
    };
    Ok(quote! {
        #(#conditions)*
        const _: () = {
            const NAME: &::core::primitive::str = #name;
            const SITE: (&::core::primitive::str, ::core::primitive::u32, ::core::primitive::u32) = #site;

            fn connect() {
                #connect.named(NAME) #(#options)* .register(SITE.0, SITE.1, SITE.2);
            }

            #krate::__private::inventory::submit! {
                #krate::__private::Registration::new(|| &#signal, connect, NAME, SITE)
            }
        };
    })
}

/// Refuses, in words of ours, what could never be a receiver.
fn check(function: &ItemFn) -> syn::Result<()> {
    let signature = &function.sig;
    if let Some(FnArg::Receiver(this)) = signature.inputs.first() {
        return Err(syn::Error::new_spanned(
            this,
            "a method cannot be registered, because there is no object to call it on; connect a closure that has one",
        ));
    }
    if signature.generics.type_params().next().is_some() {
        return Err(syn::Error::new_spanned(
            &signature.generics,
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
