package org.bindery.hello;

import org.bindery.hello.Point;

/** A bit of everything that a parcel can hold. */
interface IHello {
    /** The text after the name of whoever answers. */
    String echo(String text);
    int[] reverse(in int[] numbers);
    byte[] bytes(in byte[] data);
    boolean flip(boolean value);
    @nullable String shout(@nullable String text);
    Point shift(in Point point, int by);
    /** Fails with this service-specific code. */
    void fail(int code);
    /** Keeps a number until `notes` is asked for. */
    oneway void note(int number);
    int[] notes();
    /** Gives the object back. */
    IBinder pass(IBinder object);
    /** Calls `other.nested` with one less, and counts; 0 ends it. */
    int nested(IHello other, int depth);
    /** Writes into the file and gives it back. */
    ParcelFileDescriptor sign(in ParcelFileDescriptor file);
}
