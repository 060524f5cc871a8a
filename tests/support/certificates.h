// Certificates made for a test.
#pragma once

#include <string>

namespace weir::tests {

struct CertificatePair {
  std::string certificate;  // PEM
  std::string key;
};

// A self-signed certificate for `localhost` and 127.0.0.1, good for an hour; it can vouch for
// itself.
CertificatePair MakeCertificate();

}  // namespace weir::tests
