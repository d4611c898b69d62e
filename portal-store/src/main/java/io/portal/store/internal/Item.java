package io.portal.store.internal;

/**
 * One thing of the desired state as shared stores keep it.
 *
 * @param key kind and id, at most 200 characters; the same thing has the same key always
 * @param value JSON; of a removed thing just what names it
 * @param removed whether it is there no more
 */
public record Item(String key, String value, boolean removed) {}
