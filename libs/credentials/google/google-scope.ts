/** All that a gateway asks for; what the account may do is decided by its roles. */
export const GOOGLE_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
