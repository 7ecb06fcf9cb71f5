"""What each connector promises, all together."""

from tests.connectors.file_promises import FOLDER, SFTP, TABLES_OF_OURS
from tests.connectors.letter_promises import LETTERS, TWOFOLD
from tests.connectors.opendsr_promise import OPENDSR
from tests.connectors.vendors.google.promise import GOOGLE_ADS, GOOGLE_ANALYTICS
from tests.connectors.vendors.meta.promise import META
from tests.connectors.vendors.rest.promise import ADYEN, CLUB, KLARNA, PAYPAL, UPS
from tests.connectors.vendors.sendgrid.promise import SENDGRID
from tests.connectors.vendors.stripe.promise import DELETION, STRIPE
from tests.contracts.connector import Promise

PROMISES: tuple[Promise, ...] = (
    LETTERS, OPENDSR, SFTP, FOLDER, TABLES_OF_OURS, TWOFOLD, SENDGRID, META, STRIPE, DELETION, GOOGLE_ANALYTICS,
    GOOGLE_ADS, CLUB, ADYEN, KLARNA, PAYPAL, UPS,
)  # fmt: skip
