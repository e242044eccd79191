//! What the attribute writes: the item as it was, and the registrations of its functions beside it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

use crate::block;
use crate::registration::{Function, conditions, registration};

pub(crate) fn receiver(args: TokenStream, item: &TokenStream) -> TokenStream {
    let (item, registrations) = match syn::parse2(item.clone()) {
        Ok(Item::Impl(mut block)) => {
            let registrations = block::registrations(&args, &mut block);
            (quote!(#block), registrations)
        }
        Ok(Item::Fn(function)) => {
            let ident = &function.sig.ident;
            let registration = registration(
                args,
                &Function {
                    signature: &function.sig,
                    conditions: conditions(&function.attrs),
                    path: quote!(#ident),
                    name: ident.to_string(),
                },
            );
            (item.clone(), registration)
        }
        _ => {
            let error = syn::Error::new_spanned(
                item,
                "`#[receiver]` belongs on a function: `fn name(sender: &S, payload: &P)`",
            );
            (item.clone(), Err(error))
        }
    };
    // The item stays, so that one mistake is reported once.
    let registrations = registrations.unwrap_or_else(syn::Error::into_compile_error);
    quote!(#item #registrations)
}
