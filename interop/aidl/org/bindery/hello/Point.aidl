package org.bindery.hello;

parcelable Point {
    int x;
    String name;
}
