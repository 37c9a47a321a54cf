/** Letters a session id is made of: lower case and digits without 0, 1, l and o, which people confuse. */
export const SESSION_ID_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz";
export const SESSION_ID_LENGTH = 8;
