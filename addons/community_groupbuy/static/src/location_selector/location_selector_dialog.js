import {LocationSchedule} from "@delivery/js/location_selector/location_schedule/location_schedule";
import {LocationSelectorDialog} from "@delivery/js/location_selector/location_selector_dialog/location_selector_dialog";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";

LocationSelectorDialog.components = {
    ...LocationSelectorDialog.components,
    LocationSchedule,
};

/**
 * Pickup points of campaigns are shown without a map: the map and its tiles come from
 * servers abroad, which residents may not reach and which need not know where they
 * live.
 */
patch(LocationSelectorDialog.prototype, {
    get isGroupBuy() {
        return this.state.locations.some(
            (location) => location.additional_data?.groupbuy
        );
    },

    /**
     * Whether the map may be loaded; not before it is known what is to be shown.
     */
    get showMap() {
        return (this.state.locations.length || this.state.error) && !this.isGroupBuy;
    },

    get showListView() {
        return this.isGroupBuy || super.showListView;
    },

    /**
     * The server says why there is no point, for the other methods "No result" stays.
     */
    get errorMessage() {
        return this.state.error || super.errorMessage;
    },

    get openingHoursText() {
        return _t("Opening hours");
    },

    get distanceText() {
        const distance = this.selectedLocation?.distance;
        return distance === false || distance === undefined
            ? ""
            : _t("%s km away", distance.toFixed(1));
    },
});
